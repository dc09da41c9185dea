"""The names of the classes of weights: those in the file, those that the user gives, or else a guess."""

from collections.abc import Sequence
from pathlib import Path

from numpyssd.datasets.folders.text_files import decoded
from numpyssd.errors import InputError
from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.class_names import GUESSED

BACKGROUND = {"background", "__background__", "_background_", "bg"}  # the first line of some projects' lists


def given_names(text: str) -> tuple[str, ...]:
    """Return the names that a user gives: with commas between, or the path of a text file with one on each line.

    Raises InputError if a name is empty or is there twice.
    """
    path = Path(text)
    try:
        lines = decoded(path.read_bytes()).rstrip().splitlines() if path.is_file() else text.split(",")
    except (OSError, ValueError) as reason:
        raise InputError(f"{path} cannot be read as a list of class names ({reason}); save it as UTF-8") from None
    names = tuple(line.strip() for line in lines)
    if not all(names):
        raise InputError(f"name {names.index('') + 1} of the class names {text!r} is empty; give them as first,second")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise InputError(f"{twice!r} is twice among the class names; each class needs a name of its own")
    return names


def class_names_of(
    path: Path | str, file: FileContents, num_classes: int, given: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the names of the classes 1, 2, ... of a file's network: those that are given, or the file's own.

    num_classes: of the network, with the background, which may be the first of those given. Raises InputError if they
    are more or fewer than the classes.
    """
    count = num_classes - 1
    names = tuple(given or file.class_names or (f"class {i}" for i in range(1, count + 1)))
    if given and len(names) == count + 1 and names[0].casefold() in BACKGROUND:
        names = names[1:]
    if given and len(names) != count:
        raise InputError(f"{len(names)} class names are given for {path}, whose network tells {count} classes apart")
    if len(names) != count:
        raise InputError(f"{path} names {len(names)} classes for a network of {count}; it is damaged, copy it anew")
    return names


def guess(class_names: Sequence[str]) -> str:
    """Return the sentence about names that are guessed, of a network with so many."""
    whose = GUESSED.get(len(class_names) + 1)
    if whose is None:
        return f"the file names no classes; name its {len(class_names)} in the order of their labels with --class-names"
    return (
        f"the file names no classes; {len(class_names)} are taken to be {whose}; if they are others, name them with "
        "--class-names"
    )
