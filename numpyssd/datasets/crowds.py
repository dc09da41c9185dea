"""Boxes that stand for many objects (COCO's iscrowd): what is said where training leaves them out."""

from pathlib import Path

from numpyssd.console import counted
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue

LEFT_OUT = "training leaves them out, because one default box cannot learn many objects"


def crowd_warning(file: Path | str, count: int) -> list[Issue]:
    """Return at most one warning: how many crowds there are in a file or a data set."""
    sentence = f"{counted(count, 'object')} stand{'s' if count == 1 else ''} for a crowd (iscrowd is 1)"
    return [Issue(str(file), sentence, LEFT_OUT, is_warning=True)] if count else []


def count_crowds(dataset: Dataset) -> int:
    """Return how many crowds the images of a data set have; those that were left out are not counted."""
    return sum(int(dataset.annotation(i).crowd.sum()) for i in range(len(dataset)))


def has_crowds(dataset: Dataset) -> bool:
    """Return whether a data set has crowds, or had some that were left out for training."""
    return any(issue.effect == LEFT_OUT for issue in dataset.issues) or count_crowds(dataset) > 0
