"""The names of splits: those that label tools write, and what an automatic split calls its parts."""

from numpyssd.datasets.splits.assignment import PARTS

AUTO, NONE = "auto", "none"
# What tools call each of them, the likeliest first; Roboflow writes "valid".
TRAIN, VAL, TEST = ("train", "training", "trainval"), ("val", "valid", "validation", "dev"), ("test", "testing")


def parts_named(split: str) -> tuple[str, ...]:
    """Return the parts of an automatic split that a name means; none for a name that it has not."""
    if split in ("all", "default"):  # CVAT calls all images default
        return PARTS
    if split == "trainval":
        return ("train", "val")
    for part, names in zip(PARTS, (TRAIN, VAL, TEST)):
        if split in names:
            return (part,)
    return ()
