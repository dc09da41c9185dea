"""The option ``--class-names`` of the commands that load weights, and what is said where names are guessed."""

import sys

from numpyssd.cli.other_classes import why_stopped
from numpyssd.console import printable
from numpyssd.errors import InputError
from numpyssd.weights.naming import given_names
from numpyssd.weights.sources.class_names import GUESSED


def add_class_names(parser):
    """Add ``--class-names``."""
    parser.add_argument(
        "--class-names", metavar="NAMES", help="of the labels 1, 2, ..., with commas between, or a file with one a line"
    )


def names_from(options) -> tuple[str, ...] | None:
    """Return the names that were given, or None. Raises InputError for names that cannot be used."""
    return given_names(options.class_names) if options.class_names is not None else None


def say_notes(model):
    """Print to standard error how the weights of a model were loaded: names that are guessed, say."""
    for note in model.notes:
        print(f"note: {printable(note)}", file=sys.stderr, flush=True)


def load_for(model, weights, load):
    """Return ``load()``, a data set for the classes of the model; if their names are guessed, an error says so.

    weights: what the model was loaded from. Raises InputError at once if nothing can be guessed, and if the data have
    other classes.
    """
    if not model.names_are_guessed:
        return _load_known(model, weights, load)
    count, advice = len(model.class_names), "name them in the order of their labels with --class-names FIRST,SECOND"
    if count + 1 not in GUESSED:
        raise InputError(f"{weights} names no classes; it has {count}; {advice}")
    try:
        dataset = load()
        if any(len(dataset.annotation(i).labels) for i in range(len(dataset))):
            return dataset
        issues = dataset.issues
    except InputError as reason:
        issues = reason.issues
        if not _other_class(issues):
            raise
    if not _other_class(issues):
        return dataset
    raise InputError(
        f"{weights} names no classes; its {count} are taken to be {GUESSED[count + 1]}, and the data have others "
        f"({_other_class(issues)}); {advice}"
    )


def _load_known(model, weights, load):
    try:
        return load()
    except InputError as reason:
        sentence = why_stopped(reason.issues, model.class_names, weights)
        if sentence is None:
            raise
        raise InputError(sentence) from None


def _other_class(issues):
    """Return what is said of the first object whose class the model does not know, or None."""
    return next((issue.sentence for issue in issues if "is not one of the" in issue.sentence), None)
