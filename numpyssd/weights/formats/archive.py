"""Zip archives that nobody vouches for, .npz and .pth: nothing is unpacked to disk, and memory use is limited.

The sizes that an archive states are checked against its length before anything is read, because a few bytes may claim
to unpack to terabytes. The names in it, such as ``..``, are only looked up and never used as paths.
"""

import os
import zipfile
from math import prod
from pathlib import Path

import numpy as np

MAX_GROWTH = 20  # times the length of the file: what its entries unpack to; weights hardly shrink when compressed
SLACK = 1 << 20  # bytes that even a tiny file may unpack to
PLAIN_DTYPES = "fiubcU"  # kinds of dtypes: numbers and text


def open_archive(path: Path | str) -> zipfile.ZipFile:
    """Return the ZipFile of a path.

    Raises ValueError if its entries cannot have the sizes they state, or for a compression that weights never have. The
    errors of zipfile for a file that is no archive are passed on.
    """
    archive = zipfile.ZipFile(path)
    try:
        length, entries = os.path.getsize(path), archive.infolist()
        for entry in entries:
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("packed in a way that weights never are")
            stored = entry.compress_type == zipfile.ZIP_STORED
            if entry.header_offset + entry.compress_size > length or stored and entry.file_size != entry.compress_size:
                raise ValueError(f"{entry.filename[:60]!r} is longer than the file")
        total = sum(entry.file_size for entry in entries)
        if total > MAX_GROWTH * length + SLACK:
            raise ValueError(f"{length} bytes that would unpack to {total}")
    except BaseException:
        archive.close()
        raise
    return archive


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return the array in the entry ``name``, as np.save writes it, without pickles.

    Raises ValueError for an array of objects, or one whose shape does not fit its number of bytes.
    """
    buffer = bytearray(archive.getinfo(name).file_size)
    with archive.open(name) as file:
        magic = np.lib.format.read_magic(file)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if magic not in readers:
            raise ValueError(f"{name[:60]!r} is an array of version {magic}")
        shape, by_columns, dtype = readers[magic](file)
        if dtype.kind not in PLAIN_DTYPES or dtype.itemsize == 0:
            raise ValueError(f"{name[:60]!r} holds objects, not numbers; it is not read, because it could run code")
        length = file.readinto(buffer)  # type: ignore[attr-defined]  # a file in an archive has it
        if min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != length:
            raise ValueError(f"{name[:60]!r} has not as many numbers as its shape says")
        if file.read(1):
            raise ValueError(f"{name[:60]!r} is longer than it says")
    return np.frombuffer(buffer, dtype, prod(shape)).reshape(shape, order="F" if by_columns else "C")


def read_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Return the arrays of any .npz file by name. Raises ValueError, and the errors of NumPy and zipfile."""
    with open_archive(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        return {name.removesuffix(".npy"): read_array(archive, name) for name in names}
