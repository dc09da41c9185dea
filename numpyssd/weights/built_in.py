"""The weights that come with the package, by name: ``--weights tiny``."""

from pathlib import Path

FILES = {"tiny": Path(__file__).with_name("tiny.npz")}  # what `make tiny` leaves in runs/tiny/best.npz, seed 0


def weights_path(name):
    """Return the path of a file of weights: of the built-in one of this name, unless there is a file of that name."""
    path = Path(name)
    return FILES[str(name)] if str(name) in FILES and not path.is_file() else path
