"""PyTorch's files of weights, read without PyTorch and without running anything that is in them.

Since PyTorch 1.6 they are zip archives (pth_zip.py), before they were a row of pickles (pth_legacy.py).
"""

import os
import zipfile
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.weights.formats import pth_legacy, pth_zip
from numpyssd.weights.formats.errors import damaged
from numpyssd.weights.formats.pickle_objects import Tensor

WRAPPERS = ("state_dict", "model_state_dict", "model")  # keys of a training run's dictionary
MAX_SHARING = 4  # times the length of the file, of all its tensors


def read(path: Path | str) -> dict[str, Tensor]:
    """Return the tensors of the state_dict in a PyTorch file, by name.

    The state_dict may be inside the dictionary of a training run. The prefix ``module.``, which DataParallel gives to
    every name, is removed. Raises InputError, naming the file and the remedy, for a file that is damaged, holds no
    tensors, or holds anything but tensors and plain containers.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            found = pth_zip.read(path) if zipfile.is_zipfile(file) else pth_legacy.read(file, path)
    except InputError:
        raise
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror or reason})") from None
    except Exception as reason:  # of zipfile, pickletools and our own checks
        raise damaged(path, reason) from None
    tensors = _state_dict(found, path)
    # Tensors may share their numbers, so that a small file could ask for any amount of memory.
    if sum(tensor.bytes for tensor in tensors.values()) > MAX_SHARING * os.path.getsize(path):
        raise damaged(path, ValueError("its tensors are far larger than the file"))
    return tensors


def _state_dict(found, path):
    for _ in range(2):
        if isinstance(found, dict):
            found = next((found[name] for name in WRAPPERS if isinstance(found.get(name), dict)), found)
    what = f"a {type(found).__name__}"
    tensors = {}
    if isinstance(found, dict):
        tensors = {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, Tensor)}
        what = f"a dictionary of {', '.join(repr(name)[:60] for name in list(found)[:4]) or 'nothing'}"
    if not tensors:
        raise InputError(f"{path} holds no state_dict but {what}; save model.state_dict()")
    if all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    return tensors
