"""The objects that the pickle of a PyTorch file may hold, besides plain containers: storages, and tensors of them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

DTYPES = {
    "Double": "f8", "Float": "f4", "Half": "f2", "BFloat16": "u2", "Long": "i8", "Int": "i4", "Short": "i2",
    "Char": "i1", "Byte": "u1", "Bool": "?",
}  # fmt: skip
STORAGES = {f"{module}.{name}Storage": name for module in ("torch", "torch.cuda") for name in DTYPES}


@dataclass(frozen=True)
class Global:
    """A class or function that a pickle names. It is only the name; nothing is imported or called."""

    name: str


@dataclass
class Storage:
    """A row of ``count`` numbers of a type such as "Float"; ``read()`` gets them from the file, (count,)."""

    type: str
    count: int
    dtype: np.dtype
    read: Callable | None = None

    @property
    def bytes(self):
        """The number of bytes in the file."""
        return self.count * self.dtype.itemsize


@dataclass(frozen=True)
class Tensor:
    """A tensor of a file. Its numbers are read from the file by ``np.asarray(tensor)``, and not before."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple  # in numbers, not bytes

    @property
    def bytes(self):
        """The number of bytes of memory that its numbers take."""
        return prod(self.shape) * self.storage.dtype.itemsize

    def __array__(self, dtype=None, copy=None):
        """Return the array, float32 for bfloat16."""
        numbers = self.storage.read()[self.offset :]
        strides = [step * numbers.itemsize for step in self.strides]
        array = np.lib.stride_tricks.as_strided(numbers, self.shape, strides, writeable=False)
        if self.storage.type == "BFloat16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        return array if dtype is None else array.astype(dtype)


def storage_of(reference, byte_order: str):
    """Return the Storage, its key and its view (or None) for a reference to a storage in a pickle.

    byte_order: "<" or ">". Raises ValueError if the reference is none.
    """
    word, kind, key, _, count, *view = reference
    if word != "storage" or not isinstance(kind, Global) or kind.name not in STORAGES:
        raise ValueError("a reference to something that is no storage")
    if not isinstance(key, str) or type(count) is not int or count < 0:
        raise ValueError("a storage without a name or a length")
    name = STORAGES[kind.name]
    return Storage(name, count, np.dtype(byte_order + DTYPES[name])), key, (view[0] if view else None)


def tensor_of(storage: Storage, offset, shape, strides) -> Tensor:
    """Return the Tensor of a storage. Raises ValueError unless all of its numbers are in the storage."""
    whole = (offset, *expect(shape, tuple), *expect(strides, tuple))
    if not all(type(value) is int and value >= 0 for value in whole) or len(shape) != len(strides) or len(shape) > 8:
        # Not in words: printed, tuples within tuples can be longer than any memory.
        raise ValueError("a tensor whose shape or steps are none")
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides))
    if prod(shape) > 0 and (last >= storage.count or prod(shape) > storage.count):
        raise ValueError(f"a tensor of shape {shape} in a storage of {storage.count} numbers")
    return Tensor(storage, offset, shape, strides)


def expect(value, kind: type):
    """Return the value if it is of that type. Raises ValueError otherwise."""
    if not isinstance(value, kind):
        raise ValueError(f"{kind} expected")
    return value
