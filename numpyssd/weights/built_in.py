"""Weights by name: those that come with the package (``--weights tiny``), and those that others have published."""

from pathlib import Path

from numpyssd.weights.cache import cached, refuse_unknown
from numpyssd.weights.published import key_of

# tiny: what `make tiny` left in runs/tiny/best.npz, seed 0, with the kernels of that time, which rounded otherwise.
# base: compact but for its predictors, which `python -m benchmarks.base` makes.
FILES = {name: Path(__file__).with_name(f"{name}.npz") for name in ("tiny", "base")}
RANDOM = "random"  # a name for no weights: those that a network is drawn with


def weights_path(name: Path | str) -> Path:
    """Return the path of weights by their name, fetched if need be; if there is a file of that path, the path itself.

    Raises InputError if they cannot be fetched, or if nothing has that name.
    """
    path = Path(name)
    if path.is_file():
        return path
    if str(name) in FILES:
        return FILES[str(name)]
    if is_published(name):
        return cached(str(name))
    if not path.exists():
        refuse_unknown(str(name))
    return path


def is_published(name: Path | str) -> bool:
    """Return whether this is the name of published weights, and no file."""
    return key_of(str(name)) is not None and not Path(name).is_file()
