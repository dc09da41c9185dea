"""Files given as weights that are something else: one sentence says what they are, and what can be given instead.

Each is known by its contents, but for shards, which are known by their names.
"""

import re
from pathlib import Path
from typing import BinaryIO

from numpyssd.errors import InputError
from numpyssd.weights.formats.errors import ENDINGS

CAN_BE_READ = "ChainerCV's .npz, .pth and .safetensors of torchvision and amdegroot, Caffe's .caffemodel"
NOT_READ = f"which is not read; what is: {CAN_BE_READ}"
BEGINNINGS = (  # of a file, as a pattern of bytes; what it is, and what can be done
    (rb"\x89HDF\r\n\x1a\n", f"a file of Keras (HDF5), {NOT_READ}"),
    (rb"....TFL3", f"a network of TensorFlow Lite, {NOT_READ}"),
    (rb"\n.{1,2}\n.[\x20-\x7e]+\x12", f"a graph of TensorFlow, {NOT_READ}"),
    (rb"\x08\x01\x12", f"a SavedModel of TensorFlow, {NOT_READ}"),
    (
        rb"\x08[\x02-\x20][\x12\x1a\x2a\x32\x3a\x42]",
        "a network in ONNX (or Core ML), made to run elsewhere; give the weights that it was exported from",
    ),
    (rb"\0\0\0\0[\x01-\x09]\0\0\0", f"a file of Darknet, {NOT_READ}"),
    (rb"\x12\x01\0\0\0\0\0\0", f"a file of MXNet, {NOT_READ}"),
    (rb"\s*<\?xml.*<net ", f"a network of OpenVINO, {NOT_READ}"),
    (rb"ftrt|ptrt", "an engine of TensorRT; give the weights that it was made from"),
    (rb"\s*(<!doctype html|<html)", "a web page that came in place of the file; fetch the file again"),
    (rb"version https://git-lfs", "a pointer of Git LFS and not the file; fetch that with git lfs pull"),
    (rb"\s*\{.*\"weight_map\"", "the list of the parts of a file; join them and save one state_dict"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "a packed file; unpack it first"),
    (rb".{257}ustar", "an archive (tar); unpack it first and give the file of weights in it"),
)
BEGINNING = 4096  # bytes that are looked at
FOLDERS = {  # the name of a file in a folder; what the folder is
    "saved_model.pb": f"a SavedModel of TensorFlow, {NOT_READ}",
    ".metadata": "a checkpoint in parts; join them with torch.distributed.checkpoint.format_utils.dcp_to_torch_save",
    "Manifest.json": "a network in Core ML, made to run elsewhere; give the weights that it was exported from",
}
PART = r"\d{5}-of-\d{5}"
TENSORFLOW = r"\.(data-\d{5}-of-\d{5}|index|meta)$"


def refuse_folder(path: Path):
    """Raise InputError if a folder is of a kind that is known and not read."""
    for name, kind in FOLDERS.items():
        if (path / name).is_file():
            raise InputError(f"{path} is {kind}")


def refuse_beginning(path: Path, file: BinaryIO):
    """Raise InputError if an open file begins as one of a kind that is known and not read, or is empty."""
    file.seek(0)
    beginning = file.read(BEGINNING)
    if not beginning:
        raise InputError(f"{path} is empty; copy it anew")
    for pattern, kind in BEGINNINGS:
        if re.match(pattern, beginning, re.DOTALL | re.IGNORECASE):
            raise InputError(f"{path} is {kind}")


def refuse_archive(path: Path, names: set[str]):
    """Raise InputError if a zip archive with these entries is of a kind that is known and not read."""
    if "model.weights.h5" in names:
        raise InputError(f"{path} is a file of Keras, {NOT_READ}")
    if any(name.endswith(("/archive_format", "serialized_exported_program.json")) for name in names):
        raise InputError(f"{path} is a program of torch.export, not weights; save model.state_dict() instead")
    inside = [name for name in sorted(names) if name.endswith(ENDINGS)]
    if inside:
        raise InputError(f"{path} is an archive (zip); unpack it first and give {inside[0][:100]}")


def unknown(path: Path) -> InputError:
    """Return the error for a file that nothing is known of but its name."""
    if re.search(TENSORFLOW, path.name):
        return InputError(f"{path} is by its name part of a checkpoint of TensorFlow, {NOT_READ}")
    return InputError(f"{path} is not a numpyssd checkpoint, or is damaged; of others these are read: {CAN_BE_READ}")


def about_parts(path: Path) -> str:
    """Return the end of a sentence about a file that lacks weights, if by its name it is one part of several."""
    return "; by its name it is one part of several: join them and save one state_dict" * bool(
        re.search(PART, path.name)
    )
