"""Notes about the images of a data set: turned by EXIF unseen, read in part, or darker than they were meant."""

from collections import defaultdict
from pathlib import Path

from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.images.notes import TURNS, image_notes

_MISPLACED = "boxes of a tool that passes over EXIF are misplaced: look with explore, and take EXIF out if so"


def noted(dataset: Dataset, sizes_are_written: bool = True) -> list[Issue]:
    """Return warnings about the images of a data set, one for each kind with the first image and how many follow.

    A turn by 90 degrees needs none where its annotation says the size, which was compared already, unless the image is
    square. sizes_are_written: False for a format whose labels say no sizes, such as YOLO's.
    """
    found = defaultdict(list)
    for i in range(len(dataset)):
        path = dataset.image_path(i)
        if path is None:
            continue
        turn, sentences = image_notes(path)
        width, height = dataset.image_size(i)
        if turn in (2, 3, 4) or turn != 1 and (width == height or not sizes_are_written):
            sentences = [
                *sentences,
                f"EXIF orientation {turn}: it is stored {TURNS[turn]}, and read as viewers show it",
            ]
        for sentence in sentences:
            found[sentence].append(path)
    return in_one_issue_each(found)


def in_one_issue_each(found: dict[str, list[Path]]) -> list[Issue]:
    """Return a warning for each sentence about images, with the first of them and how many there are."""
    return [_issue(sentence, paths) for sentence, paths in found.items()]


def _issue(sentence, paths):
    others = f" ({len(paths)} images like this one)" if len(paths) > 1 else ""
    effect = _MISPLACED if sentence.startswith("EXIF") else ""
    return Issue(str(paths[0]), sentence + others, effect, is_warning=True)
