"""The photographs that weights are measured on: of an automatic split those that their training never saw."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from numpyssd.console import counted
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import stop_for
from numpyssd.datasets.layouts import base_folders, has_split, is_without_splits
from numpyssd.datasets.loading import hold_out, load_automatic, load_dataset
from numpyssd.datasets.splits.automatic import AutomaticSplit
from numpyssd.datasets.splits.choice import choose_for_evaluation
from numpyssd.datasets.splits.names import AUTO, VAL, parts_named
from numpyssd.datasets.splits.record import IN_DATA, IN_RUN, Record, digest, read
from numpyssd.errors import InputError
from numpyssd.run.settings import read_settings


class Measured(NamedTuple):
    """What is measured: the images, the name of their split, and sentences about what a user may not expect."""

    dataset: Dataset
    split: str
    sentences: list[str]


def load_measured(
    data: Path | str,
    split: str | None,
    weights: Path | str,
    class_names: Iterable[str] | None = None,
    bad_data: str = "error",
    missing_labels: str = "error",
) -> Measured:
    """Return the images of a split of ``data`` to measure weights on.

    - split: its name; None: test, or val where there is no test; "auto": the test part of an automatic split.
    - weights: of a file in the folder of a run, whose split.csv says which images it was trained on.

    The rest is as in ``load_dataset``. Raises InputError if there is no such split, or no image in it.
    """
    folder = Path(weights).parent if Path(weights).is_file() else None
    settings = read_settings(folder) if folder else {}
    known = read(folder / IN_RUN) if folder and AUTO in (settings.get("split"), settings.get("val_split")) else Record()
    automatic = _automatic_split(data, split, settings, known, class_names, missing_labels)
    if automatic:
        names = parts_named("test" if split in (None, AUTO) else split)
        dataset, split = automatic.part(*names), split if split not in (None, AUTO) else "test"
        if bad_data == "error":
            stop_for(dataset.issues)
        if not len(dataset):
            raise InputError(f"{data} has no image in {split!r} of its automatic split; measure another --split")
        whole = f"{len(dataset)} of the {counted(len(automatic.places), 'image')} of {data}"
        where = folder / IN_RUN if automatic.knows_content() else _own_file(data) or "the names of their files"
        said = [f"measured on {whole}, {'that which is' if len(dataset) == 1 else 'those that are'} {split} by {where}"]
        if is_without_splits(data) and split != "all" and not automatic.knows_content():
            said[0] += "; --split all measures all of them"
        if "train" in names and automatic.knows_content():
            said += _seen(dataset, known)
        if settings.get("split") in ("all", "default"):
            said.append(f"the run in {folder} was trained on {settings['split']!r}, so the figure is too good")
        return Measured(dataset, split, said)
    split, sentence = choose_for_evaluation(data, split)
    dataset = load_dataset(data, split, class_names, bad_data=bad_data, missing_labels=missing_labels)
    said = [sentence] if sentence else []
    if not settings and _own_file(data):
        said.append(f"{_own_file(data)}: if these weights were trained with --split auto, measure them with that, too")
    return Measured(dataset, split, said + _seen(dataset, known))


def _automatic_split(data, split, settings, known, class_names, missing_labels) -> AutomaticSplit | None:
    """Return the automatic split that is meant by a name of a split, or None."""
    if split == AUTO or is_without_splits(data) and parts_named(split or "test"):
        return load_automatic(data, class_names, missing_labels, known)
    if settings.get("split") == AUTO and known.entries and parts_named(split or "test"):
        found = load_automatic(data, class_names, missing_labels, known)
        return found if found.knows_content() else None  # other images that may have a test split of their own
    if split in VAL and settings.get("val_split") == AUTO and known.entries and not has_split(data, split):
        found = hold_out(data, settings["split"], missing_labels, known, class_names=class_names)
        return found if found.knows_content() else None
    return None


def _own_file(data):
    """Return the first file of an automatic split in the folders of data, or None."""
    return next((root / IN_DATA for root in base_folders(data) if (root / IN_DATA).is_file()), None)


def _seen(dataset, known):
    """Return a sentence if weights were trained on images that they are measured on."""
    if not known.entries:
        return []
    paths = [dataset.image_path(i) for i in range(len(dataset))]
    count = sum(known.part_of_content(digest(path)) == "train" for path in paths)
    if not count:
        return []
    which = f"{count} of these {len(paths)} images {'was' if count == 1 else 'were'}"
    return [f"{'this image was' if len(paths) == 1 else which} trained on, so the figure is too good"]
