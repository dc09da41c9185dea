"""Load a data set by the layout of its folder (layouts.py); several folders, with commas between, are concatenated."""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.concatenated import Concatenated, as_one
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.folders.mixed_labels import refuse_mixed
from numpyssd.datasets.image_notes import noted
from numpyssd.datasets.issues import Issue, stop_for
from numpyssd.datasets.layouts import base_folders, has_split, is_automatic, layout_of, roots, splits_of
from numpyssd.datasets.splits.automatic import AutomaticSplit
from numpyssd.datasets.splits.names import AUTO, parts_named
from numpyssd.datasets.splits.part import Part
from numpyssd.datasets.splits.record import Record
from numpyssd.errors import InputError


def load_dataset(
    data: Path | str,
    split: str,
    class_names: Iterable[str] | None = None,
    training: bool = False,
    bad_data: str = "error",
    missing_labels: str = "error",
) -> Dataset:
    """Return the data set of a split: a VOCDataset, a COCODataset or the like, or several of them Concatenated.

    Of folders without any split it is a Part of their automatic split (splits/automatic.py), whose parts are called
    train, val and test; "all" is all images. The split "auto" makes such a split of any folder, and is its train.

    - data: a folder, or several with commas between (VOCdevkit/VOC2007,VOCdevkit/VOC2012). Of several, those that lack
      the split are left out and listed in ``issues``: VOC2012 has no annotated test split, for one.
    - class_names: those of a trained network; without them, those of the data.
    - training: leave COCO's crowds out.
    - bad_data: "error" raises BadData, which lists all issues; "skip" leaves out what is bad and lists it in
      ``issues``.
    - missing_labels: "negative" takes an image without a label file for one without objects; "error": an issue.

    Raises InputError for a folder in no layout, for a split that is not there, and for what the data sets refuse.
    """
    paths = roots(data)
    if is_automatic(data, split):
        automatic = load_automatic(data, class_names, missing_labels)
        if bad_data == "error":
            stop_for(automatic.whole.issues)
        return automatic.part(*_parts(data, "train" if split == AUTO else split), training=training)
    having = [path for path in paths if len(paths) == 1 or has_split(path, split)] or paths[:1]
    policy = bad_data if len(paths) == 1 else "skip"  # of several, all issues are listed together
    parts = [_load_one(path, split, class_names, training, policy, missing_labels) for path in having]
    if len(paths) == 1:
        return parts[0]
    together = Concatenated(parts)
    for path in paths:
        if path not in having:
            issue = Issue(str(path), f"there is no split {split!r}", "it is left out", is_warning=True)
            together.issues.append(issue)
    if bad_data == "error":
        stop_for(together.issues)
    return together


def load_automatic(
    data: Path | str,
    class_names: Iterable[str] | None = None,
    missing_labels: str = "error",
    known: Record | None = None,
    only_known: bool = False,
) -> AutomaticSplit:
    """Return the automatic split of all images of a folder, or of several together, in whatever split they are.

    known: the parts of an earlier run, which stay; only_known: without the images that it has not. What is bad is left
    out and listed in the issues of its ``whole``.
    """
    whole = as_one([load_all(root, class_names, missing_labels) for root in roots(data)])
    return AutomaticSplit(whole, base_folders(data), known, only_known=only_known)


def hold_out(
    data: Path | str,
    split: str,
    missing_labels: str = "error",
    known: Record | None = None,
    only_known: bool = False,
    class_names: Iterable[str] | None = None,
) -> AutomaticSplit:
    """Return the images of a split in two parts, train and a tenth for val; the rest as in ``load_automatic``."""
    whole = load_dataset(data, split, class_names, bad_data="skip", missing_labels=missing_labels)
    return AutomaticSplit(whole, base_folders(data), known, ("train", "val"), only_known)


def load_all(root: Path, class_names: Iterable[str] | None = None, missing_labels: str = "error") -> Dataset:
    """Return all images of a folder as one data set, each once; what is bad is left out and in its issues."""
    names = [None] if root.is_file() else splits_of(root) or [None]
    loaded = [_load_one(root, name, class_names, False, "skip", missing_labels) for name in names]
    if len(loaded) == 1:
        return loaded[0]
    together, first = Concatenated(loaded), {}
    for i in range(len(together)):
        first.setdefault(together.image_path(i), i)
    whole = Part(together, list(first.values()))
    whole.issues = list({str(issue): issue for issue in whole.issues}.values())
    return whole


def _parts(data, split):
    if not parts_named(split):
        raise InputError(f"{data} has no split {split!r}; it is divided automatically into train, val and test")
    return parts_named(split)


def _load_one(root, split, class_names, training, bad_data, missing_labels):
    if root.is_file():
        raise InputError(f"{root} is a file; give the folder of the data set, which holds the labels and the images")
    layout = layout_of(root)
    if hasattr(layout, "LABELS"):
        refuse_mixed(layout.base_folder(root), layout.LABELS)
    dataset = layout.load(root, split, class_names, training, bad_data, missing_labels)
    dataset.issues += noted(dataset, getattr(layout, "SIZES_ARE_WRITTEN", True))
    return dataset
