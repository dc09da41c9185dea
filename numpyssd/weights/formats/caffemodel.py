"""Caffe's format, ``.caffemodel``: a NetParameter of caffe.proto; the names of its layers and their blobs are read."""

from math import prod
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.weights.formats import protobuf

# Numbers of fields in caffe.proto.
LAYER, OLD_LAYER = 100, 2  # of a NetParameter; the old ones are V1LayerParameter, before 2014
NAME, BLOBS, PRIOR_BOX = 1, 7, 203  # of a LayerParameter; the last in the branch of SSD only
OLD_NAME, OLD_BLOBS = 4, 6  # of a V1LayerParameter
OLD_SHAPE, DATA, SHAPE, DOUBLE_DATA = (1, 2, 3, 4), 5, 7, 8  # of a BlobProto: num, channels, height, width, ...
DIM = 1  # of a BlobShape
MAX_BLOBS = 10_000  # a file of weights has some hundreds; an empty blob takes more memory than bytes of the file
MIN_SIZE, MAX_SIZE = 1, 2  # of a PriorBoxParameter


def read(path: Path | str) -> tuple[dict, dict]:
    """Return the blobs of the layers that have any, {name: [array, ...]}, and prior boxes, {name: (min, max sizes)}.

    Arrays are views of the file, in Caffe's layout (out, in, rows, columns); files from before 2014 always have four
    dimensions. A later layer of the same name replaces an earlier one. Raises InputError for any other file.
    """
    path = Path(path)
    try:
        data = np.asarray(np.memmap(path, np.uint8, "r"))  # a memmap is slow to slice
        layers, prior_boxes, count = {}, {}, 0
        for number, kind, value in protobuf.fields(data):
            if kind == protobuf.BYTES and number in (LAYER, OLD_LAYER):
                name, blobs, sizes = _layer(value, *((NAME, BLOBS) if number == LAYER else (OLD_NAME, OLD_BLOBS)))
                count += len(blobs) + bool(sizes)
                if count > MAX_BLOBS:
                    raise ValueError(f"more than {MAX_BLOBS} blobs")
                if blobs:
                    layers[name] = blobs
                if sizes:
                    prior_boxes[name] = sizes
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror or reason})") from None
    except ValueError as reason:
        raise InputError(f"{path} is damaged, or has no known format of weights ({reason}); copy it anew") from None
    return layers, prior_boxes


def _layer(data, name_field, blobs_field):
    name, blobs, sizes = "", [], None
    for number, kind, value in protobuf.fields(data):
        if kind == protobuf.BYTES and number == name_field:
            name = value.tobytes().decode("utf-8", "replace")
        elif kind == protobuf.BYTES and number == blobs_field:
            blobs.append(_blob(value))
            if len(blobs) > MAX_BLOBS:
                raise ValueError(f"more than {MAX_BLOBS} blobs")
        elif kind == protobuf.BYTES and number == PRIOR_BOX and name_field == NAME:
            sizes = _prior_box(value)
    return name, blobs, sizes


def _blob(data):
    """Return the array of a BlobProto; its "diff", the gradient, is skipped."""
    shape, old_shape, parts = None, dict.fromkeys(OLD_SHAPE, 1), []
    for number, kind, value in protobuf.fields(data):
        if number in OLD_SHAPE and kind == protobuf.VARINT:
            old_shape[number] = value
        elif number == SHAPE and kind == protobuf.BYTES:
            shape = []
            for dim, dim_kind, dims in protobuf.fields(value):
                if dim == DIM:
                    shape += protobuf.varints(dims[:100]) if dim_kind == protobuf.BYTES else [dims]
                if len(shape) > 8:
                    raise ValueError("a blob of more than 8 dimensions")
        elif number in (DATA, DOUBLE_DATA) and kind != protobuf.VARINT:
            width = 4 if number == DATA else 8
            if len(value) % width:
                raise ValueError("numbers that are cut off")
            parts.append(np.ascontiguousarray(value).view(f"<f{width}"))
            if len(parts) > MAX_BLOBS:
                raise ValueError("a blob in too many parts")
    shape = tuple(old_shape.values()) if shape is None else tuple(shape)
    array = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0, np.float32)
    if prod(shape) != len(array):
        raise ValueError(f"a blob of shape {shape} with {len(array)} numbers")
    return array.reshape(shape)


def _prior_box(data):
    """Return the lists min_size and max_size of a PriorBoxParameter, in pixels."""
    found = {MIN_SIZE: [], MAX_SIZE: []}
    for number, kind, value in protobuf.fields(data):
        if number in found and kind in (protobuf.BYTES, protobuf.FIXED32) and len(value) % 4 == 0:
            found[number] += np.ascontiguousarray(value[:400]).view("<f4").tolist()  # one or two are usual
    return found[MIN_SIZE], found[MAX_SIZE]
