"""Whether there are objects to learn from, and objects to measure by."""

from collections import Counter

from numpyssd.console import counted
from numpyssd.datasets.crowds import has_crowds
from numpyssd.datasets.dataset import Dataset


def nothing_to_learn(train: Dataset, which: str) -> str | None:
    """Return a sentence if no image to train on has an object; which: the name of the data or of the split."""
    if objects_of_each_class(train, crowds=False):
        return None
    left_out = sum(not issue.is_warning for issue in train.issues)
    were = f"{counted(left_out, 'issue')} {'was' if left_out == 1 else 'were'}"
    crowds = ": those there stand for crowds (iscrowd is 1), which training leaves out" if has_crowds(train) else ""
    why = f" ({were} left out; explore --check lists them)" if left_out else ""
    return (
        f"{which} has no object in its {counted(len(train), 'image')} to train on{why}{crowds}, so there is nothing to "
        "learn; draw boxes in some of them, or name another --split"
    )


def doubts(train: Dataset, val: Dataset | None) -> list[str]:
    """Return sentences about what validation cannot measure, or training cannot learn."""
    if val is None:
        return []
    learned, wanted = objects_of_each_class(train), objects_of_each_class(val)
    if not wanted:
        images = counted(len(val), "validation image")
        return [f"no object in the {images}: there is no mAP to choose by, best.npz is the latest"]
    unknown = [f"{name!r} ({count} in val)" for name, count in sorted(wanted.items()) if name not in learned]
    return [f"no object to train on of {', '.join(unknown)}: no network can learn that"] if unknown else []


def objects_of_each_class(dataset: Dataset, crowds: bool = True) -> Counter:
    """Return how many objects there are, by the names of the classes that have any; crowds: whether those count."""
    labels = Counter()
    for i in range(len(dataset)):
        annotation = dataset.annotation(i)
        labels.update(annotation.labels[crowds | ~annotation.crowd].tolist())
    return Counter({dataset.class_names[label - 1]: count for label, count in labels.items()})
