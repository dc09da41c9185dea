"""Everything that is wrong or odd with the data of a folder, in all its splits: ``explore --data ROOT --check``.

What stops training comes from loading each split as training would; the rest is looked for here alone.
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from numpyssd.datasets.checks.crowded import crowded_note
from numpyssd.datasets.checks.files import duplicates, odd_classes
from numpyssd.datasets.checks.near_duplicates import duplicate_boxes, near_duplicates
from numpyssd.datasets.checks.objects import nothing_to_learn
from numpyssd.datasets.checks.splits import shared_images
from numpyssd.datasets.checks.unused import unused_files
from numpyssd.datasets.concatenated import Concatenated, as_one
from numpyssd.datasets.crowds import count_crowds, crowd_warning
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.layouts import layout_of, roots, splits_of
from numpyssd.datasets.loading import load_all, load_dataset
from numpyssd.datasets.splits.choice import choose_for_training
from numpyssd.datasets.splits.names import AUTO, TRAIN
from numpyssd.datasets.voc import VOCDataset
from numpyssd.datasets.voc.annotation_warnings import annotation_warnings
from numpyssd.errors import InputError

# Splits that hold one another by intention.
_WITHIN = [{"train", "trainval"}, {"val", "trainval"}, {"valid", "trainval"}]


STOPS_ALWAYS = "training stops always"  # with --bad-data skip, too
ALL = "all images"  # instead of the name of a split


class Checked(NamedTuple):
    """What was found in one split, or (split None) in several or none of them."""

    split: str | None
    images: int
    empty: int  # images without objects
    objects: int
    issues: list[Issue]  # training stops for these
    warnings: list[Issue]


def check(data: Path | str, missing_labels: str = "error") -> Iterator[Checked]:
    """Yield a Checked for each split of a folder, and at last one (split None) for what concerns several or none.

    A folder without splits is checked as a whole, under the name ALL.
    missing_labels: as for ``load_dataset``. Raises InputError for a folder in no layout.
    """
    loaded, lists = {}, {}
    for root in roots(data):
        for split in splits_of(root) or [ALL]:
            lists.setdefault(split, []).append(root)
    for split in lists:
        try:
            dataset = _load(data, split, lists[split], missing_labels)
        except InputError as reason:  # of which nothing can be used: an empty list, or every image bad
            always = Issue(str(data), str(reason), STOPS_ALWAYS)
            yield Checked(split, 0, 0, 0, [*reason.issues, always], [])
            continue
        loaded[split] = dataset
        counts = [len(dataset.annotation(i).boxes) for i in range(len(dataset))]
        issues = [issue for issue in dataset.issues if not issue.is_warning]
        nothing = nothing_to_learn(dataset, f"{split!r} of {data}") if split in TRAIN or len(lists) == 1 else None
        issues += [Issue(str(data), nothing, STOPS_ALWAYS)] if nothing else []
        warnings = [issue for issue in dataset.issues if issue.is_warning] + _annotation_warnings(dataset)
        warnings += crowd_warning(data, count_crowds(dataset))
        note = crowded_note(dataset)
        warnings += [Issue(str(data), note, is_warning=True)] if note else []
        yield Checked(split, len(dataset), counts.count(0), sum(counts), issues, warnings)
    issues, warnings = _between_splits(data, loaded)
    warnings += _choice(data) if loaded else []
    warnings += duplicates(loaded) + near_duplicates(loaded) + duplicate_boxes(loaded) + odd_classes(data, loaded)
    for root in roots(data) if len(loaded) == len(lists) else ():
        warnings += unused_files(layout_of(root).base_folder(root), loaded)
    yield Checked(None, 0, 0, 0, issues, warnings)


def _load(data, split, with_it, missing_labels):
    """Return the data set of a split of all folders that have it."""
    if split != ALL:
        return load_dataset(data, split, bad_data="skip", missing_labels=missing_labels)
    return as_one([load_all(root, None, missing_labels) for root in with_it])


def _choice(data):
    """Return at most one Issue: what training takes where it is not told which splits."""
    try:
        choice = choose_for_training(data, None, None)
    except InputError as reason:
        return [Issue(str(data), str(reason), "training stops otherwise", is_warning=True)]
    if not choice.why:
        return []
    effect = "images for validation are held out" if AUTO in choice else ""
    return [Issue(str(data), choice.why, effect, is_warning=True)]


def _between_splits(data, loaded):
    """Return the issues and the warnings about images that two splits share."""
    issues, warnings = [], []
    for first, second in combinations(loaded, 2):
        if {first, second} in _WITHIN:
            continue
        found = shared_images(data, loaded[first], first, loaded[second], second)
        if {first, second} == {"train", "val"}:
            issues += found
        else:  # training looks at no others unless it is told to
            warnings += [issue._replace(effect="training does not look at both", is_warning=True) for issue in found]
    return issues, warnings


def _annotation_warnings(dataset: Dataset):
    """Return what is odd in the XML files of a data set; of COCO's one file nothing is."""
    parts = dataset.parts if isinstance(dataset, Concatenated) else [dataset]
    voc = [part for part in parts if isinstance(part, VOCDataset)]
    paths = [part.annotation_path(i) for part in voc for i in range(len(part))]
    return [warning for path in paths if path.is_file() for warning in annotation_warnings(path)]
