"""``explore --data ROOT --check``: say everything that is wrong with data, and what training would do with it."""

import re

from numpyssd.datasets.checks.check import check
from numpyssd.errors import InputError

SHOWN = 5  # harmless oddities of one kind that are printed; the file has all
STOPS = "training stops for these; behind each, what --bad-data skip does instead"
NOTES = "no reason to stop; behind each, what training does"


def check_data(data, file):
    """Print the defects of a data set, write them all into ``file``, and return the exit code: 2 if any stops training.

    Raises InputError for a folder without data, or a file that cannot be written.
    """
    stops, lines = set(), []

    def say(line="", shown=True):
        line = " ".join(line.splitlines())
        lines.append(line)
        if shown:
            print(line, flush=True)

    for checked in check(data):
        stops.update(map(str, checked.stops))  # one that two splits share counts once
        if checked.split is not None:
            images = f"{_count(checked.images, 'image')} ({checked.empty} without objects)"
            say(f"{checked.split}: {images} and {_count(checked.objects, 'object')} can be used")
        elif checked.stops or checked.notes:
            say("the splits together:")
        _say_problems(checked, say)
    if stops:
        say(f"training stops for {_count(len(stops), 'defect')}; mend the data, or leave them out with --bad-data skip")
    else:
        say("nothing here stops training")
    try:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as reason:
        raise InputError(f"{file} cannot be written ({reason.strerror}); choose another --out") from None
    print(f"all of it: {file}")
    return 2 if stops else 0


def _say_problems(checked, say):
    if checked.stops:
        say(f"  {STOPS}: {len(checked.stops)}")
    for problem in checked.stops:
        say(f"    {problem}")
    if checked.notes:
        say(f"  {NOTES}: {len(checked.notes)}")
    counts = {}
    for problem in checked.notes:
        kind = _kind(problem)
        counts[kind] = counts.get(kind, 0) + 1
        say(f"    {problem}", shown=counts[kind] <= SHOWN)
    for kind, count in counts.items():
        if count > SHOWN:
            print(f"    … and {count - SHOWN} more like this: {kind}")


def _kind(problem):
    """Return the sentence of a problem without what is special to one file: quoted words, brackets and numbers."""
    text = re.sub(r", objects? [\d, ]+\(counted from 0\)", "", problem.sentence)
    text = re.sub(r"\S+ \([^)]*\)(, )?", "…", text)
    return re.sub(r"\[[^]]*\]|\d+(\.\d+)?", "…", text)


def _count(number, word):
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
