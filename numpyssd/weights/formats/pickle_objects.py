"""The objects that the pickle of a PyTorch file may hold, besides plain containers: storages, and tensors of them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

DTYPES = {
    "Double": "f8", "Float": "f4", "Half": "f2", "BFloat16": "u2", "Long": "i8", "Int": "i4", "Short": "i2",
    "Char": "i1", "Byte": "u1", "Bool": "?", "ComplexFloat": "c8", "ComplexDouble": "c16", "QInt8": "i1",
    "QUInt8": "u1", "QInt32": "i4",
}  # fmt: skip
STORAGES = {f"{module}.{name}Storage": name for module in ("torch", "torch.cuda") for name in DTYPES}
STORAGES |= {"torch.UntypedStorage": "Byte", "torch.storage.UntypedStorage": "Byte"}


@dataclass(frozen=True)
class Global:
    """A class or function that a pickle names. It is only the name; nothing is imported or called."""

    name: str


@dataclass(frozen=True)
class Empty:
    """The empty place of an object whose class or function is not known here: only the name of that is kept.

    Whatever a pickle does to it, to call it, to fill it, or to set its attributes, it stays empty.
    """

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


def left_out(reference) -> Empty | None:
    """Return the empty place for a reference to what is not read, or None for a reference to known numbers.

    It is not read if its numbers are of an unknown type, or if it is a whole module, as PyTorch before 1.6 saved them.
    """
    if isinstance(reference, tuple) and len(reference) > 1 and reference[0] in ("storage", "module"):
        return reference[1] if isinstance(reference[1], Empty) else None
    return None


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


def tensor_of(storage: Storage | Empty, offset, shape, strides) -> Tensor | Empty:
    """Return the Tensor of a storage. Raises ValueError unless all of its numbers are in the storage."""
    if isinstance(storage, Empty):
        return storage
    whole = (offset, *expect(shape, tuple), *expect(strides, tuple))
    if not all(type(value) is int and value >= 0 for value in whole) or len(shape) != len(strides) or len(shape) > 8:
        # Not in words: printed, tuples within tuples can be longer than any memory.
        raise ValueError("a tensor whose shape or steps are none")
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides))
    if prod(shape) > 0 and (last >= storage.count or prod(shape) > storage.count):
        raise ValueError(f"a tensor of shape {shape} in a storage of {storage.count} numbers")
    return Tensor(storage, offset, shape, strides)


def expect(value, kind):
    """Return the value if it is of that type, or of one of those types. Raises ValueError otherwise."""
    if not isinstance(value, kind):
        raise ValueError(f"{kind} expected")
    return value
