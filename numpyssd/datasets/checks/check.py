"""Everything that is wrong or odd with the data of a folder, in all its splits: ``explore --data ROOT --check``.

What stops training comes from opening each split as training would; the rest is looked for here alone.
"""

from collections import namedtuple
from itertools import combinations

from numpyssd.datasets.checks.files import duplicates, files_without_use, odd_classes
from numpyssd.datasets.checks.near_duplicates import doubled_boxes, near_duplicates
from numpyssd.datasets.checks.splits import shared_images
from numpyssd.datasets.issues import Problem
from numpyssd.datasets.loading import is_coco, open_dataset, roots, splits_of
from numpyssd.datasets.voc.annotation_warnings import remarks
from numpyssd.datasets.voc.files import find_root
from numpyssd.errors import InputError

# Of the splits that hold one another by intention.
_WITHIN = [{"train", "trainval"}, {"val", "trainval"}, {"valid", "trainval"}]

Checked = namedtuple("Checked", "split images empty objects stops notes")  # notes: the harmless Problems


def check(data):
    """Yield a Checked for each split of a folder, and at last one (split None) for what concerns several or none.

    Raises InputError for a folder in neither layout and for one without any split.
    """
    opened, lists = {}, {}
    for root in roots(data):
        for split in splits_of(root):
            lists.setdefault(split, []).append(root)
    if not lists:
        raise InputError(f"{data} has no split; ImageSets/Main/train.txt lists the images to train on")
    for split in lists:
        try:
            dataset = open_dataset(data, split, bad_data="skip")
        except InputError as reason:  # of which nothing can be used: an empty list, or every image bad
            stop = Problem(str(data), None, None, str(reason), "training stops always")
            yield Checked(split, 0, 0, 0, [*getattr(reason, "problems", ()), stop], [])
            continue
        opened[split] = dataset
        notes = [problem for problem in dataset.problems if problem.harmless] + _remarks(dataset)
        counts = [len(dataset.annotation(i)[0]) for i in range(len(dataset))]
        stops = [problem for problem in dataset.problems if not problem.harmless]
        yield Checked(split, len(dataset), counts.count(0), sum(counts), stops, notes)
    stops, notes = [], []
    for first, second in combinations(opened, 2):
        if {first, second} in _WITHIN:
            continue
        found = shared_images(data, opened[first], first, opened[second], second)
        if {first, second} == {"train", "val"}:
            stops += found
        else:  # training looks at no others unless it is told to
            notes += [problem._replace(effect="training does not look at both", harmless=True) for problem in found]
    notes += duplicates(opened) + near_duplicates(opened) + doubled_boxes(opened) + odd_classes(data, opened)
    for root in roots(data) if len(opened) == len(lists) else ():
        notes += files_without_use(root if is_coco(root) else find_root(root), opened)
    yield Checked(None, 0, 0, 0, stops, notes)


def _remarks(dataset):
    """Return what is odd in the XML files of a data set; of COCO's one file nothing is."""
    parts = getattr(dataset, "parts", [dataset])
    voc = [part for part in parts if hasattr(part, "annotation_path")]
    return [remark for part in voc for i in range(len(part)) for remark in remarks(part.annotation_path(i))]
