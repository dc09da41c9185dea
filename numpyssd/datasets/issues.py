"""Issues of data: what is wrong where, what is done about it, and the error that stops for them."""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from numpyssd.errors import InputError

BOX_OUT, OBJECT_OUT, IMAGE_OUT = "the box is left out", "the object is left out", "the image is left out"
BOX_CUT = "it is cut off at the edge"
POLICIES = ("error", "skip")
LABEL_POLICIES = ("error", "negative")  # of an image without a label file: it is an issue, or holds no object


class Issue(NamedTuple):
    """Something that is wrong with data, or only odd.

    - file: where it stands, an image, a label file or a folder.
    - sentence: what is wrong.
    - effect: what is done if nobody stops for it.
    - object_number: which object of the file, from 0; None for the whole file.
    - box: as written in the file, or None.
    - is_warning: it is odd and no reason to stop.
    - image: the image that is left out, where ``file`` is another file.
    """

    file: Path | str
    sentence: str
    effect: str = ""
    object_number: int | str | None = None
    box: tuple | None = None
    is_warning: bool = False
    image: Path | None = None

    def __str__(self):
        return f"{self.wrong()}; {self.effect}" if self.effect else self.wrong()

    def wrong(self) -> str:
        """Return where the issue is and what it is, without what is done about it."""
        if self.sentence.startswith(str(self.file)):  # the words of an InputError, which name the file
            return self.sentence
        box = "" if self.box is None else f", box [{shortened(', '.join(map(str, self.box)), 80)}]"
        return f"{self.file}{self._where()}{box}: {self.sentence}"

    def _where(self):
        return "" if self.object_number is None else f", object {self.object_number} (counted from 0)"


class AnnotationIssue(Issue):
    """An Issue of one annotation of a COCO file; object_number is its id."""

    __slots__ = ()

    def _where(self):
        return f", annotation {shortened(repr(self.object_number))}"


class LineIssue(Issue):
    """An Issue of one line of a text file; object_number is the number of the line, from 1."""

    __slots__ = ()

    def _where(self):
        return f", line {self.object_number}"


class BadData(InputError):
    """Data with issues that nobody has allowed to leave out, or of which they leave nothing.

    ``issues`` lists them without the warnings, unless there is nothing else; the message names the first.
    nothing_left: what would be empty without them, as a text.
    """

    def __init__(self, issues: Iterable[Issue], nothing_left: str | None = None):
        every = list(issues)
        self.issues = [issue for issue in every if not issue.is_warning] or every  # warnings alone can leave nothing
        first, count = self.issues[0], len(self.issues)
        first = str(first) if first.is_warning else first.wrong()
        more = "" if count == 1 else f" (the first of {count} such issues)"
        if nothing_left:
            super().__init__(f"{nothing_left} can be used: {first}{more}; fix the data")
        else:
            super().__init__(f"{first}{more}; fix the data, or leave out what is bad with --bad-data skip")


def shortened(text: str, max_length: int = 40) -> str:
    """Return a text of a file on one line and not too long, for a message."""
    text = " ".join(text[: 4 * max_length].split())
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def check_policy(bad_data: str, missing_labels: str = "error"):
    """Raise ValueError for anything but "error" or "skip", and (missing_labels) but "error" or "negative"."""
    if bad_data not in POLICIES:
        raise ValueError(f'bad_data must be "error" or "skip", not {bad_data!r}')
    if missing_labels not in LABEL_POLICIES:
        raise ValueError(f'missing_labels must be "error" or "negative", not {missing_labels!r}')


def unlabeled(place: Path, count: int, total: int, label_file: str, are_negatives: bool) -> Issue:
    """Return the warning that some of the images in a place have no label file (``label_file``: "XML file", say)."""
    effect = "taken for images without objects" if are_negatives else "left out (or use --missing-labels negative)"
    return Issue(str(place), f"{count} of {total} images have no {label_file}", effect, is_warning=True)


def stop_for(issues: Iterable[Issue]):
    """Raise BadData unless all of the issues are warnings."""
    issues = list(issues)
    if any(not issue.is_warning for issue in issues):
        raise BadData(issues)


def issue_lines(issues: Sequence[Issue], max_lines: int, columns: int) -> list[str]:
    """Return a heading and the first issues, at most ten, as lines for a terminal of so many columns."""
    if not issues:
        return ["issues: none found"]
    # The last line says how many more there are.
    shown = min(10, max_lines) if len(issues) <= max_lines else min(10, max_lines - 1)
    lines = []
    for issue in issues[:shown]:
        text = str(issue).replace(str(issue.file), Path(issue.file).name).replace(" (counted from 0)", "")
        lines.append(f"  {text}" if len(text) <= columns - 2 else f"  {text[: columns - 3]}…")
    rest = len(issues) - len(lines)
    from_0 = " (objects counted from 0)" if any("(counted from 0)" in str(issue) for issue in issues) else ""
    return [f"issues: {len(issues)}{from_0}", *lines, *[f"  … and {rest} more"] * (rest > 0)]


@contextmanager
def noting(issues: list[Issue], file: Path | str, effect: str, is_warning: bool = False):
    """Add the InputError that a block ends with to the issues, so that all of them are found and not only one."""
    try:
        yield
    except InputError as reason:
        issues.append(Issue(str(file), str(reason), effect, is_warning=is_warning))
