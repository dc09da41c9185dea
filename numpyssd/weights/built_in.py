"""The weights that come with the package, by name: ``--weights tiny``."""

from pathlib import Path

FILES = {"tiny": Path(__file__).with_name("tiny.npz")}  # what `make tiny` leaves in runs/tiny/best.npz, seed 0


def weights_path(name: Path | str) -> Path:
    """Return the path of built-in weights if this is their name and there is no such file; else the path itself."""
    path = Path(name)
    return FILES[str(name)] if str(name) in FILES and not path.is_file() else path
