"""PyTorch's files since 1.6: a zip archive of a pickle, ``data.pkl``, and the numbers of each storage, ``data/KEY``."""

import io
import zipfile
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights.formats.archive import open_archive
from numpyssd.weights.formats.errors import damaged
from numpyssd.weights.formats.pickle_objects import storage_of
from numpyssd.weights.formats.pickle_reader import interpret

MAX_PICKLE = 64 << 20  # bytes, of the pickle without the numbers


def read(path: Path):
    """Return the object in the archive. Raises InputError or ValueError for what is no file of weights."""
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
        if entries[f"{root}data.pkl"].file_size > MAX_PICKLE:
            raise ValueError("a pickle of more than 64 MiB")
        pickle = io.BytesIO(archive.read(f"{root}data.pkl"))

    def storage(reference):
        found, key, _ = storage_of(reference, ">" if order == b"big" else "<")
        name = f"{root}data/{key}"
        if name not in entries or entries[name].file_size != found.bytes:
            raise ValueError(f"{name} does not hold {found.count} numbers")

        def numbers():
            try:
                with zipfile.ZipFile(path) as archive:
                    return np.frombuffer(archive.read(name), found.dtype)  # the archive has a checksum of it
            except Exception as reason:
                raise damaged(path, reason) from None

        found.read = numbers
        return found

    return interpret(pickle, storage, path)
