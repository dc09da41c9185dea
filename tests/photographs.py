"""Folders of small photographs, and what a run makes of them before it trains."""

import shutil
from types import SimpleNamespace

from numpyssd.datasets.shapes import write_voc
from numpyssd.run.data import load_photographs


def shapes(root, **counts):
    """Write images of the built-in set, 64 pixels wide; without: without any split; val_is: another name of val."""
    without, val_is = counts.pop("without", False), counts.pop("val_is", "val")
    write_voc(root, counts, size=64)
    if "val" in counts:
        (root / "ImageSets/Main/val.txt").rename(root / f"ImageSets/Main/{val_is}.txt")
    if without:
        shutil.rmtree(root / "ImageSets")
    return root


def without_objects(root, *starts):
    for path in (root / "Annotations").glob("*.xml"):
        if path.name.startswith(starts):
            head, _, _ = path.read_text().partition("<object>")
            path.write_text(head.rstrip() + "</annotation>" if "</annotation>" not in head else head)


def load(data, out, split=None, val_split=None, resume=False, **more):
    out.mkdir(exist_ok=True)
    options = {"data": str(data), "out": out, "split": split, "val_split": val_split, "resume": resume}
    options = SimpleNamespace(**options, bad_data="error", missing_labels="error", **more)
    return *load_photographs(options), options


def names(dataset):
    return sorted(dataset.image_name(i) for i in range(len(dataset)))


def choice(loaded):
    return loaded[2].split, loaded[2].val_split
