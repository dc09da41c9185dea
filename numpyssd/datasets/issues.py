"""Defects of data: what is wrong where, what is done about it, and the error that stops for them."""

from collections import namedtuple
from contextlib import contextmanager

from numpyssd.errors import InputError

BOX_OUT, OBJECT_OUT, IMAGE_OUT = "the box is left out", "the object is left out", "the image is left out"
BOX_CUT = "it is cut off at the edge"
POLICIES = ("error", "skip")


class Problem(namedtuple("Problem", "file object_number box sentence effect harmless", defaults=("", False))):
    """A defect of the data.

    file; object_number: from 0, or None for the whole file; box: as written, or None; sentence: what is wrong; effect:
    what is done if nobody stops for it; harmless: nobody need stop for it.
    """

    __slots__ = ()

    def __str__(self):
        return f"{self.wrong()}; {self.effect}" if self.effect else self.wrong()

    def wrong(self):
        """Return where the defect is and what it is, without what is done about it."""
        if self.sentence.startswith(str(self.file)):  # the words of an InputError, which name the file
            return self.sentence
        box = "" if self.box is None else f", box [{shortened(', '.join(map(str, self.box)), 80)}]"
        return f"{self.file}{self._where()}{box}: {self.sentence}"

    def _where(self):
        return "" if self.object_number is None else f", object {self.object_number} (counted from 0)"


class AnnotationProblem(Problem):
    """A Problem of one annotation of a COCO file; object_number is its id."""

    __slots__ = ()

    def _where(self):
        return f", annotation {shortened(repr(self.object_number))}"


class BadData(InputError):
    """Data with defects that nobody has allowed to leave out, or of which they leave nothing.

    ``problems`` lists them; the message names the first. nothing_left: what would be empty without them, as a text.
    """

    def __init__(self, problems, nothing_left=None):
        self.problems = [problem for problem in problems if not problem.harmless]
        first, count = self.problems[0].wrong(), len(self.problems)
        more = "" if count == 1 else f" (the first of {count} such problems)"
        if nothing_left:
            super().__init__(f"{nothing_left} can be used: {first}{more}; mend the data")
        else:
            super().__init__(f"{first}{more}; mend the data, or leave out what is bad with --bad-data skip")


def shortened(text, most=40):
    """Return a text of a file on one line and not too long, for a message."""
    text = " ".join(text[: 4 * most].split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def stop_for(problems):
    """Raise BadData if any of the problems is not harmless."""
    if any(not problem.harmless for problem in problems):
        raise BadData(problems)


def check_policy(bad_data):
    """Raise ValueError for anything but "error" or "skip"."""
    if bad_data not in POLICIES:
        raise ValueError(f'bad_data must be "error" or "skip", not {bad_data!r}')


@contextmanager
def noting(problems, file, effect, harmless=False):
    """Add the InputError that a block ends with to the problems, so that all defects are found and not only one."""
    try:
        yield
    except InputError as reason:
        problems.append(Problem(str(file), None, None, str(reason), effect, harmless))
