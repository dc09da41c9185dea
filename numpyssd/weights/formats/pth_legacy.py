"""PyTorch's files before 1.6, and later ones with ``_use_new_zipfile_serialization=False``: a row of pickles.

They are a magic number, a protocol number, facts about the machine, the object, and the keys of its storages. Then come
the numbers: each storage is preceded by its length in 8 bytes.
"""

import mmap
from pathlib import Path
from typing import BinaryIO

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights.formats.pickle_objects import Storage, storage_of
from numpyssd.weights.formats.pickle_reader import interpret

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


def read(file: BinaryIO, path: Path):
    """Return the object in an open file. Raises InputError or ValueError for what is no file of weights."""
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # NumPy's arrays are views of it
    storages, views = {}, []

    def storage(reference):
        found, key, view = storage_of(reference, "<")
        whole = storages.setdefault(key, found)
        if (whole.type, whole.count) != (found.type, found.count):
            raise ValueError(f"two storages of one key {key}")
        if view is None:
            return whole
        _, start, count = view  # a part of a storage, up to PyTorch 0.4
        if type(start) is not int or type(count) is not int:
            raise ValueError("a part of a storage that is none")
        part = Storage(whole.type, count, whole.dtype, lambda: whole.read()[start : start + count])
        views.append((whole, start, count))
        return part

    def plain():
        return interpret(data, None, path)

    if plain() != MAGIC or plain() != PROTOCOL:
        raise InputError(f"{path} is a pickle, and none that torch.save wrote; save model.state_dict() with torch.save")
    if plain().get("little_endian") is not True:
        raise InputError(f"{path} is of a big-endian machine and a PyTorch before 1.6; save it anew with a later one")
    found = interpret(data, storage, path)  # type: ignore[arg-type]  # a map of the file reads as a file does
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
