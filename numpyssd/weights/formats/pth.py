"""PyTorch's files of weights, read without PyTorch and without running anything that is in them.

Since PyTorch 1.6 they are zip archives (pth_zip.py), before they were a row of pickles (pth_legacy.py).
"""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.weights.formats import pth_legacy, pth_zip
from numpyssd.weights.formats.errors import damaged
from numpyssd.weights.formats.pickle_objects import Tensor
from numpyssd.weights.formats.state_dict import StateDict, choose, described

ULTRALYTICS = ("ultralytics", "'models.yolo")
MAX_SHARING = 4  # times the length of the file, of all its tensors


def read(path: Path | str) -> dict[str, Tensor]:
    """Return the tensors of the state_dict in a PyTorch file, by name; see ``read_state_dict``."""
    return read_state_dict(path).tensors


def read_state_dict(path: Path | str, known: Sequence = ()) -> StateDict:
    """Return the state_dict in a PyTorch file, wherever in it; known: as for ``state_dict.choose``.

    Objects of other kinds may be beside it, and none of them is made. Raises InputError, naming the file and the
    remedy, for a file that is damaged or holds no state_dict.
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
    chosen = choose(found, known)
    if chosen is None:
        raise _nothing_in(found, path)
    check_sharing(chosen.tensors, path)
    return chosen


def check_sharing(tensors: dict[str, Tensor], path: Path):
    """Raise InputError if tensors share their numbers so often that a small file asks for any amount of memory."""
    if sum(tensor.bytes for tensor in tensors.values()) > MAX_SHARING * os.path.getsize(path):
        raise damaged(path, ValueError("its tensors are far larger than the file"))


def _nothing_in(found, path):
    what = described(found)
    if any(f"{name}." in what for name in ULTRALYTICS):
        return InputError(f"{path} is a model of Ultralytics' YOLO, another detector than SSD; it is not read")
    if "a whole object" in what:
        return InputError(
            f"{path} holds {what}, and no weights by name; no object is made of a file, because that could run code; "
            "load it with the program that wrote it and save model.state_dict()"
        )
    return InputError(f"{path} holds no state_dict but {what}; save model.state_dict()")
