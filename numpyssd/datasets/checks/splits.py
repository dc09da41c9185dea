"""Whether splits share images: then the one does not test what was learned from the other."""

from collections import defaultdict
from pathlib import Path

from numpyssd.console import counted
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue


def splits_of_images(loaded: dict[str, Dataset]) -> dict[Path, set[str]]:
    """Return the splits that each image is in, by its path; loaded: data sets by the names of their splits."""
    splits = defaultdict(set)
    for split, dataset in loaded.items():
        for i in range(len(dataset)):
            splits[dataset.image_path(i)].add(split)
    return splits


def shared_images(
    data: Path | str, first: Dataset, first_split: str, second: Dataset, second_split: str
) -> list[Issue]:
    """Return a list of at most one Issue: images of one split that are in another one too.

    A split that is compared with itself is no issue: that was intended.
    """
    if first_split == second_split:
        return []
    theirs = {second.image_path(i).resolve() for i in range(len(second))}
    both = [path.name for path in map(first.image_path, range(len(first))) if path.resolve() in theirs]
    if not both:
        return []
    names = ", ".join(both[:3]) + (f" and {len(both) - 3} more" if len(both) > 3 else "")
    shared = f"{len(both)} of the {counted(len(second), 'image')}"
    sentence = (
        f"{shared} of the split {second_split!r} {'is' if len(both) == 1 else 'are'} in {first_split!r} too ({names}): "
        "figures measured on them would be too good"
    )
    return [Issue(str(data), sentence, "they stay in both")]
