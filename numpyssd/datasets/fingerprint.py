"""What a data set holds, in a few short texts, so that it is known again in another folder."""

from hashlib import sha256

import numpy as np

from numpyssd.datasets.dataset import Dataset

# What is compared, in this order, and what is said where it differs.
WORDS = {
    "classes": "its classes are others",
    "names": "its images have other names, or another order",
    "sizes": "its images have other sizes",
    "boxes": "its boxes are others",
    "labels": "its objects have other classes",
}


def fingerprint(dataset: Dataset) -> dict[str, int | str]:
    """Return the numbers of images and objects, and digests of names, sizes, boxes and classes, in their order.

    The folder does not count, nor do the pixels. Nothing is decoded.
    """
    indices, annotations = range(len(dataset)), [dataset.annotation(i) for i in range(len(dataset))]
    boxes = [np.asarray(one.boxes, "<f4").tobytes() for one in annotations]
    labels = [np.asarray(one.labels, "<i8").tobytes() for one in annotations]
    return {
        "images": len(dataset),
        "objects": sum(len(one.labels) for one in annotations),
        "classes": _digest(name.encode("utf-8", "surrogatepass") for name in dataset.class_names),
        "names": _digest(dataset.image_name(i).encode("utf-8", "surrogateescape") for i in indices),
        "sizes": _digest(f"{dataset.image_size(i)}".encode() for i in indices),
        "boxes": _digest(boxes),
        "labels": _digest(labels),
    }


def difference(before: dict, now: dict) -> str | None:
    """Return what differs between two fingerprints as a clause, or None. What ``before`` lacks is not compared."""
    for what in ("images", "objects"):
        if what in before and before[what] != now[what]:
            return f"it has {now[what]} {what}, and there were {before[what]}"
    return next((words for what, words in WORDS.items() if what in before and before[what] != now[what]), None)


def _digest(pieces):
    found = sha256()
    for piece in pieces:
        found.update(len(piece).to_bytes(8, "little") + piece)  # so that no two lists join to the same bytes
    return found.hexdigest()[:16]
