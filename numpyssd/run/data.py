"""The photographs of a run: those it trains on, those that choose its best weights, and what is wrong with them."""

from pathlib import Path
from typing import Any

from numpyssd.datasets.checks.objects import doubts, nothing_to_learn
from numpyssd.datasets.checks.splits import shared_images
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.fingerprint import difference, fingerprint
from numpyssd.datasets.issues import stop_for
from numpyssd.datasets.layouts import has_split, roots
from numpyssd.datasets.loading import hold_out, load_automatic, load_dataset
from numpyssd.datasets.splits.automatic import AutomaticSplit
from numpyssd.datasets.splits.choice import choose_for_training
from numpyssd.datasets.splits.names import AUTO, NONE
from numpyssd.datasets.splits.record import IN_RUN, read, write
from numpyssd.errors import InputError
from numpyssd.files import write_error


def load_photographs(options) -> tuple[Dataset, Dataset | None]:
    """Return the training set and the set that chooses the best weights (or None), and say how they were chosen.

    options.split and val_split become what was chosen, and options.folders and fingerprint what a resumed run compares.
    Raises InputError for data that cannot be used, or is not that of the run that is resumed.
    """
    choice = choose_for_training(options.data, options.split, options.val_split)
    options.split, options.val_split = choice.split, choice.val_split
    print(f"checking every image and annotation of {options.data} ...", flush=True)
    automatic = None
    if AUTO in (options.split, options.val_split):
        automatic = _automatic_split(options)
        names = ("train", "val") if options.val_split == NONE else ("train",)
        train, val, found = automatic.part(*names, training=True), automatic.part("val"), []
        val = val if options.val_split != NONE and len(val) else None
    else:
        train, val, found = _named_splits(options)
        if choice.why:
            print(choice.why)
    if options.bad_data == "error":  # with the issues of both splits, so that they can be fixed at once
        stop_for(train.issues + found)
    for issue in found:  # those of the training split are in its summary
        print(f"{options.val_split}: {issue}")
    which = options.data if options.split == AUTO else f"the split {options.split!r} of {options.data}"
    if nothing := nothing_to_learn(train, which):
        raise InputError(nothing)
    _compare(options, train)
    if automatic:
        _write_down(options, automatic, choice.why or f"{options.data} is divided automatically")
    for sentence in doubts(train, val):
        print(sentence)
    return train, val


def _named_splits(options):
    """Return the training set, the validation set (or None), and the issues of the latter."""
    policies = {"bad_data": "skip", "missing_labels": options.missing_labels}
    train = load_dataset(options.data, options.split, training=True, **policies)
    if options.val_split == NONE:
        return train, None, []
    try:
        val = load_dataset(options.data, options.val_split, train.class_names, **policies)
    except InputError as reason:
        if has_split(options.data, options.val_split):
            raise
        raise InputError(f"{reason}; name one with --val-split, or none") from None
    return train, val, val.issues + shared_images(options.data, train, options.split, val, options.val_split)


def _automatic_split(options) -> AutomaticSplit:
    """Return the automatic split of the whole folder, or of the split to train on; that of the run if it goes on."""
    known = read(options.out / IN_RUN) if options.resume else None
    more: dict[str, Any] = {"known": known, "only_known": bool(known and known.entries)}
    if options.split == AUTO:
        return load_automatic(options.data, missing_labels=options.missing_labels, **more)
    return hold_out(options.data, options.split, options.missing_labels, **more)


def _write_down(options, automatic, why):
    """Write the split into the folder of the run and into those of the data, and say all about it in a line."""
    path = options.out / IN_RUN
    try:
        write(path, automatic.record())
    except OSError as reason:
        raise write_error(path, reason, "free some space or choose another --out") from None
    written, refused = automatic.write_to_folders() if options.split == AUTO else ([], [])
    text = f"{why}: {automatic.in_words()}; written to {' and '.join(map(str, [*written, path]))}"
    if refused:
        text += f" ({' and '.join(map(str, refused))} cannot be written)"
    print(text)


def _compare(options, train):
    """Note what the data is; raise InputError if that is not what the run that is resumed was trained on."""
    before, options.fingerprint = getattr(options, "fingerprint", None), fingerprint(train)
    options.folders = [str(root.resolve()) for root in roots(options.data)]
    changed = difference(before or {}, options.fingerprint)
    if options.resume and changed:
        raise InputError(
            f"{options.data} is not what the run in {options.out} was trained on: {changed}; name its data with "
            f"--data, or start a new run with --weights {Path(options.out) / 'last.npz'}"
        )
