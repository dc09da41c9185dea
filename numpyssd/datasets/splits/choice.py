"""Which splits of a folder a command takes where it is told none, and what it says about that."""

from pathlib import Path
from typing import NamedTuple

from numpyssd.datasets.layouts import has_split, is_without_splits, roots, splits_of
from numpyssd.datasets.splits.names import AUTO, NONE, TEST, TRAIN, VAL
from numpyssd.errors import InputError


class Choice(NamedTuple):
    """What training takes: AUTO or the name of a split, and AUTO, NONE or the name of a split for validation.

    With a name and AUTO a tenth of the split is held out. why: what is said of it, or None for what was asked for.
    """

    split: str
    val_split: str
    why: str | None = None


def choose_for_training(data: Path | str, split: str | None, val_split: str | None) -> Choice:
    """Return the splits to train with; split, val_split: as given, or None. Raises InputError if none will do.

    A folder without any split, or with a single one, is divided automatically.
    """
    if split == AUTO and val_split not in (None, AUTO, NONE):
        raise InputError(f"--split auto brings validation images of its own; leave out --val-split {val_split}")
    if is_without_splits(data):
        if split in (None, *TRAIN) and val_split in (None, AUTO, NONE, *VAL):
            why = f"{data} has no splits (--split all --val-split none trains on all of it)"
            return Choice(AUTO, NONE if val_split == NONE else AUTO, why)
    elif split is None:
        names = _names(data)
        split = next((name for name in TRAIN if has_split(data, name)), None)
        if len(names) == 1 and names[0] not in TEST:
            split = split or names[0]
            if val_split is None:
                why = f"{data} has only the split {split!r} (--split {split} --val-split none trains on all of it)"
                return Choice(AUTO, AUTO, why)
        if split is None:
            raise _without(data, "train", "; name one with --split, or divide all of it with --split auto")
    if split == AUTO:
        return Choice(AUTO, val_split or AUTO)
    return Choice(split, val_split) if val_split else _with_validation(data, split)


def _with_validation(data, split):
    """Return the choice of a split and of what there is for validation."""
    names = [] if is_without_splits(data) or split == "trainval" else [name for name in VAL if name != split]
    found = next((name for name in names if has_split(data, name)), None)
    if found:
        said = f"the split {found!r} chooses the best weights, as with --val-split {found} (none: no evaluation)"
        return Choice(split, found, None if found == "val" else said)
    said = f"{data} has no other split to choose the best weights by (--val-split none trains on all of {split!r})"
    return Choice(split, AUTO, said)


def _without(data, split, remedy):
    return InputError(f"{data} has no split {split!r}; the splits there are: {', '.join(_names(data))}{remedy}")


def _names(data):
    """Return the names of the splits of all folders of the data."""
    return list(dict.fromkeys(name for root in roots(data) for name in splits_of(root)))


def choose_for_evaluation(data: Path | str, split: str | None) -> tuple[str, str | None]:
    """Return the split to evaluate on, and a sentence if it is not what ``split`` (None: test) says.

    Raises InputError if there is none.
    """
    if split is not None or is_without_splits(data):
        return split or "test", None
    found = next((name for name in (*TEST, *VAL) if has_split(data, name)), None)
    if found in TEST:
        return found, None
    if found:
        why = f"{data} has no split 'test', so {found!r} is measured"
        return found, f"{why}; if these images chose the best weights, the figure is a little too good"
    raise _without(data, "test", "; name one with --split")


def choose_to_look_at(data: Path | str, split: str | None) -> str:
    """Return the split that explore shows: the one given, or that to train on, or the first."""
    if split is not None:
        return split
    if is_without_splits(data):
        return "train"
    return next((name for name in TRAIN if has_split(data, name)), _names(data)[0])
