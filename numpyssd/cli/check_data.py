"""``explore --data ROOT --check``: say everything that is wrong with data, and what training would do with it."""

import re
from pathlib import Path

from numpyssd.console import counted, printable
from numpyssd.datasets.checks.all_splits import STOPS_ALWAYS, Checked, check
from numpyssd.datasets.issues import Issue
from numpyssd.files import write_error, written_whole

MAX_SHOWN = 5  # warnings of one kind that are printed; the file has all
ISSUES = "issues (training stops for these; behind each, what happens with --bad-data skip)"
WARNINGS = "warnings (no reason to stop; behind each, what training does)"


def check_data(data: Path | str, file: Path, missing_labels: str = "error") -> int:
    """Print the issues of a data set, write them all into ``file``, and return the exit code: 2 if any stops training.

    Raises InputError for a folder without data, or a file that cannot be written.
    """
    issues, always, lines = set(), set(), []

    def say(line="", shown=True):
        line = printable(" ".join(line.splitlines()))
        lines.append(line)
        if shown:
            print(line, flush=True)

    for checked in check(data, missing_labels):
        issues.update(map(str, checked.issues))  # one that two splits share counts once
        always.update(str(issue) for issue in checked.issues if issue.effect == STOPS_ALWAYS)
        if checked.split is not None:
            images = f"{counted(checked.images, 'image')} ({checked.empty} without objects)"
            say(f"{checked.split}: {images} and {counted(checked.objects, 'object')} can be used")
        elif checked.issues or checked.warnings:
            say("the splits together:")
        _say_issues(checked, say)
    if issues:
        say(f"training stops for {counted(len(issues), 'issue')}; fix the data{_or_skip(len(issues), len(always))}")
    else:
        say("nothing here stops training")
    try:
        with written_whole(file) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as reason:
        raise write_error(file, reason, "choose another --out") from None
    print(f"all of it: {file}")
    return 2 if issues else 0


def _say_issues(checked: Checked, say):
    if checked.issues:
        say(f"  {ISSUES}: {len(checked.issues)}")
    for issue in checked.issues:
        say(f"    {issue}")
    if checked.warnings:
        say(f"  {WARNINGS}: {len(checked.warnings)}")
    counts = {}
    for warning in checked.warnings:
        kind = _kind(warning)
        counts[kind] = counts.get(kind, 0) + 1
        say(f"    {warning}", shown=counts[kind] <= MAX_SHOWN)
    for kind, count in counts.items():
        if count > MAX_SHOWN:
            print(f"    … and {count - MAX_SHOWN} more like this: {kind}")


def _kind(issue: Issue):
    """Return the sentence of an issue without what is special to one file: quoted words, brackets and numbers."""
    text = re.sub(r", objects? [\d, ]+\(counted from 0\)", "", issue.sentence)
    text = re.sub(r"\S+ \([^)]*\)(, )?", "…", text)
    return re.sub(r"\[[^]]*\]|\d+(\.\d+)?", "…", text)


def _or_skip(issues, always):
    """Return whether --bad-data skip helps; always: the issues for which training stops with it, too."""
    if always:
        return f": with --bad-data skip training still stops for {'it' if issues == 1 else always}"
    return ", or go on with --bad-data skip"
