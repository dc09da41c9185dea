"""Data whose classes are not those of the network: one sentence that says which, and what to do."""

import re
from collections import Counter

from numpyssd.console import printable
from numpyssd.datasets.issues import Issue

UNKNOWN = re.compile(r"class (['\"])(.*)\1 is not one of the ")  # see datasets.class_names.unknown_class
SHOWN = 8  # classes in a sentence


def unknown_classes(issues) -> Counter:
    """Return how many objects of each class the network does not know, by name, from the issues of a data set."""
    found = (UNKNOWN.match(issue.sentence) for issue in issues if isinstance(issue, Issue))
    return Counter(match[2] for match in found if match)


def in_words(unknown: Counter) -> str:
    """Return the classes with how many objects each has, the most frequent first."""
    rows = [f"{printable(name)} ({_objects(count)})" for name, count in unknown.most_common(SHOWN)]
    return ", ".join(rows) + (f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else "")


def why_stopped(issues, class_names, weights) -> str | None:
    """Return a sentence if all that stops an evaluation is objects of other classes; None for any other reason."""
    unknown = unknown_classes(issues)
    if not unknown or sum(unknown.values()) < len(issues):
        return None
    spelled = {_plain(name): name for name in unknown}
    known = ", ".join(map(printable, class_names[:SHOWN])) + (", …" if len(class_names) > SHOWN else "")
    sentence = f"the data have classes that {weights} does not know: {in_words(unknown)}; it knows {known}"
    if set(spelled) <= set(map(_plain, class_names)):
        names = ",".join(spelled.get(_plain(name), name) for name in class_names)
        return f"{sentence}; they differ only in how they are written: add --class-names {_quoted(names)}"
    return (
        f"{sentence}; leave out what it does not know with --bad-data skip, or name its classes as the data do with "
        "--class-names"
    )


def what_was_left_out(unknown: Counter) -> str:
    """Return a sentence on objects of other classes that were left out."""
    total = sum(unknown.values())
    was = "was" if total == 1 else "were"
    return (
        f"{_objects(total)} of classes that the network does not know {was} left out: {in_words(unknown)}; a box that "
        "it finds there counts as wrong"
    )


def _objects(count):
    return "1 object" if count == 1 else f"{count} objects"


def _plain(name):
    """Return a name without what tools write in different ways: capitals, spaces, - and _."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def _quoted(names):
    return f'"{names}"' if re.search(r"[^\w,.-]", names) else names
