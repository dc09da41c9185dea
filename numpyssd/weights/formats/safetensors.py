"""The format safetensors: the length of a JSON text in 8 bytes, the text, and the numbers of all tensors.

The text has for each tensor its type, its shape, and where its numbers begin and end:
``{"NAME": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]}, "__metadata__": {...}}``. The package
``safetensors`` is not used: compiled code is no gain for a format that is this plain. Source: the section "Format" of
https://github.com/huggingface/safetensors.
"""

import json
import os
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights.formats.errors import damaged
from numpyssd.weights.formats.pickle_objects import DTYPES, Storage, Tensor, expect, tensor_of

TYPES = {
    "F64": "Double", "F32": "Float", "F16": "Half", "BF16": "BFloat16", "I64": "Long", "I32": "Int", "I16": "Short",
    "I8": "Char", "U8": "Byte", "BOOL": "Bool",
}  # fmt: skip
MAX_HEADER = 100_000_000  # bytes, as the format has it


def begins_like_one(file: BinaryIO) -> bool:
    """Return whether an open file begins as this format does: a length that fits into the file, and a brace."""
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    return 2 <= length <= min(MAX_HEADER, os.fstat(file.fileno()).st_size - 8) and file.read(1) == b"{"


def read(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name; those of a type that no weights have, such as U64, are left out.

    Raises InputError, naming the file, if it is damaged.
    """
    try:
        data = np.asarray(np.memmap(path, np.uint8, "r"))
        start = 8 + int.from_bytes(data[:8].tobytes(), "little")
        header = expect(json.loads(data[8:start].tobytes()), dict)
        tensors = {name: _tensor(row, data[start:]) for name, row in header.items() if name != "__metadata__"}
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror or reason})") from None
    except Exception as reason:  # the text may be anything
        raise damaged(path, reason, "the format safetensors") from None
    return {name: tensor for name, tensor in tensors.items() if tensor is not None}


def _tensor(row, data):
    kind, shape, (begin, end) = row["dtype"], tuple(expect(row["shape"], list)), row["data_offsets"]
    if not (type(begin) is type(end) is int and 0 <= begin <= end <= len(data)):
        raise ValueError("numbers that are not in the file")
    if expect(kind, str) not in TYPES:
        return None
    name = TYPES[kind]
    dtype = np.dtype(f"<{DTYPES[name]}")
    if not all(type(side) is int and side >= 0 for side in shape) or prod(shape) * dtype.itemsize != end - begin:
        raise ValueError("a tensor with more or fewer numbers than its shape has")
    storage = Storage(name, prod(shape), dtype, lambda: data[begin:end].view(dtype))
    return tensor_of(storage, 0, shape, tuple(prod(shape[i + 1 :]) for i in range(len(shape))))
