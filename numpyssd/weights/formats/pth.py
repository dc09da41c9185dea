"""PyTorch's files of weights, read without PyTorch and without running anything that is in them.

Since 1.6 they are zip archives: ``data.pkl``, and each tensor's numbers as they are in ``data/KEY``. Before, and still
with ``_use_new_zipfile_serialization=False``, they were pickles one after the other (a magic number, a protocol number,
facts of the machine, the object, the keys of its storages) and then the numbers, each storage behind its length.
"""

import io
import mmap
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights.formats.archive import open_archive
from numpyssd.weights.formats.pickle_reader import NUMBERS, STORAGES, Global, Tensor, interpret

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
WRAPPERS = ("state_dict", "model_state_dict", "model")
MOST_PICKLE = 64 << 20  # bytes, of the pickle without the numbers
MOST_SHARING = 4  # times the length of the file, of all its tensors


@dataclass
class Storage:
    """A row of ``count`` numbers of a ``kind`` such as "Float", which ``read()`` gets from the file."""

    kind: str
    count: int
    dtype: np.dtype
    read: object = None

    @property
    def bytes(self):
        """The number of bytes in the file."""
        return self.count * self.dtype.itemsize


def read(path):
    """Return the Tensors (see ``pickled``) of a state_dict in a PyTorch file, by name.

    A state_dict within a dictionary of a training run is found, and the prefix ``module.`` that DataParallel gives to
    every name is taken off. Raises InputError, naming the file and the remedy, for what is damaged, holds no tensors,
    or more than tensors and plain containers.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            found = _zip(path) if zipfile.is_zipfile(file) else _older(file, path)
    except InputError:
        raise
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror or reason})") from None
    except Exception as reason:  # of zipfile, pickletools and our own checks
        raise damaged(path, reason) from None
    tensors = _state_dict(found, path)
    # Tensors may share their numbers, so that a small file could ask for any amount of memory.
    if sum(tensor.bytes for tensor in tensors.values()) > MOST_SHARING * os.path.getsize(path):
        raise damaged(path, ValueError("its tensors are far larger than the file"))
    return tensors


def damaged(path, reason, whose="PyTorch's"):
    """Return the InputError for a file that is not what it claims to be."""
    why = f"{type(reason).__name__}: {reason}".splitlines()[0][:200]
    return InputError(f"{path} is damaged, or no file of {whose} ({why}); copy it anew")


def _zip(path):
    with open_archive(path) as archive:
        entries = {info.filename: info for info in archive.infolist()}
        roots = [name[: -len("data.pkl")] for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(roots) != 1:
            raise ValueError("no data.pkl in the archive")
        root = roots[0]
        if f"{root}constants.pkl" in entries:
            raise InputError(f"{path} is a TorchScript program, not weights; save model.state_dict() instead")
        if any(info.compress_type != zipfile.ZIP_STORED for info in entries.values()):
            raise ValueError("compressed, as PyTorch's files never are")  # so nothing is larger than the file
        order = archive.read(f"{root}byteorder") if f"{root}byteorder" in entries else b"little"
        if entries[f"{root}data.pkl"].file_size > MOST_PICKLE:
            raise ValueError("a pickle of more than 64 MiB")
        pickle = io.BytesIO(archive.read(f"{root}data.pkl"))

    def storage(reference):
        found, key, _ = _described(reference, ">" if order == b"big" else "<")
        name = f"{root}data/{key}"
        if name not in entries or entries[name].file_size != found.bytes:
            raise ValueError(f"{name} does not hold {found.count} numbers")

        def read():
            try:
                with zipfile.ZipFile(path) as archive:
                    return np.frombuffer(archive.read(name), found.dtype)  # the archive has a checksum of it
            except Exception as reason:
                raise damaged(path, reason) from None

        found.read = read
        return found

    return interpret(pickle, storage, path)


def _older(file, path):
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # NumPy's arrays are views of it
    storages, views = {}, []

    def storage(reference):
        found, key, view = _described(reference, "<")
        whole = storages.setdefault(key, found)
        if (whole.kind, whole.count) != (found.kind, found.count):
            raise ValueError(f"two storages of one key {key}")
        if view is None:
            return whole
        _, start, count = view  # a part of a storage, up to PyTorch 0.4
        if type(start) is not int or type(count) is not int:
            raise ValueError("a part of a storage that is none")
        part = Storage(whole.kind, count, whole.dtype, lambda: whole.read()[start : start + count])
        views.append((whole, start, count))
        return part

    def plain():
        return interpret(data, None, path)

    if plain() != MAGIC or plain() != PROTOCOL:
        raise ValueError("it begins like no file of weights")
    if plain().get("little_endian") is not True:
        raise InputError(f"{path} is of a big-endian machine and a PyTorch before 1.6; save it anew with a later one")
    found = interpret(data, storage, path)
    keys = plain()
    if not all(isinstance(key, str) for key in keys) or sorted(keys) != sorted(storages):
        raise ValueError("not every tensor has its numbers")
    place = data.tell()
    for key in keys:
        one = storages[key]
        if int.from_bytes(data[place : place + 8], "little") != one.count or place + 8 + one.bytes > len(data):
            raise ValueError(f"the storage {key} does not hold {one.count} numbers")
        one.read = lambda at=place + 8, one=one: np.frombuffer(data, one.dtype, one.count, at)
        place += 8 + one.bytes
    if any(not 0 <= start <= start + count <= whole.count for whole, start, count in views):
        raise ValueError("a part of a storage that reaches beyond it")
    return found


def _described(reference, order):
    """Return a Storage, its key and its view (or None) for what a pickle says of it."""
    word, kind, key, _, count, *view = reference
    if word != "storage" or not isinstance(kind, Global) or kind.name not in STORAGES:
        raise ValueError("a reference to something that is no storage")
    if not isinstance(key, str) or type(count) is not int or count < 0:
        raise ValueError("a storage without a name or a length")
    kind = STORAGES[kind.name]
    return Storage(kind, count, np.dtype(order + NUMBERS[kind])), key, (view[0] if view else None)


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
