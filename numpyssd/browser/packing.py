"""Weights as bytes for a page: half precision or 8 bits with a scale for each channel, in base64.

js/network/packing.js reads them.
"""

import base64

import numpy as np

LARGEST = 127  # of 8 bits: what the largest weight of a channel becomes


def pack(tensors: dict, storage="float16") -> tuple[dict, bytes]:
    """Return for each tensor how and where it is stored, and the bytes of all.

    - tensors: name -> float32 array, its last dimension the channels;
    - storage: of the arrays of more than one dimension: "float16", "int8" or "float32". The others, biases and scales,
      stay float32: they are few.

    An entry is {"shape", "offset", "storage"}, and "scale_offset" where the stored numbers are to be multiplied by a
    float32 for each channel. Numbers are little-endian, and each array begins at a multiple of 4 bytes.
    """
    entries, content = {}, bytearray()

    def append(array):
        content.extend(b"\0" * (-len(content) % 4))
        start = len(content)
        content.extend(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return start

    for name, array in tensors.items():
        array = np.asarray(array, np.float32)
        if storage == "float32" or array.ndim == 1:
            entries[name] = {"shape": list(array.shape), "offset": append(array), "storage": "float32"}
            continue
        scale = _channel_scales(array, storage)
        offsets = {"offset": append(_stored(array, scale, storage)), "scale_offset": append(scale)}
        entries[name] = {"shape": list(array.shape), "storage": storage, **offsets}
    return entries, bytes(content)


def to_base64(content: bytes) -> str:
    """Return the bytes as a text of letters, digits, +, / and =, a third longer."""
    return base64.b64encode(content).decode("ascii")


def unpack(entries: dict, content: bytes) -> dict:
    """Return name -> float32 array as JavaScript sees them, to measure what the storage costs."""
    arrays = {}
    for name, entry in entries.items():
        dtype, shape = np.dtype(entry["storage"]).newbyteorder("<"), entry["shape"]
        stored = np.frombuffer(content, dtype, int(np.prod(shape)), entry["offset"]).astype(np.float32).reshape(shape)
        scale = np.frombuffer(content, "<f4", shape[-1], entry["scale_offset"]) if "scale_offset" in entry else 1
        arrays[name] = stored * np.float32(scale)
    return arrays


def _channel_scales(array, storage):
    """Return the factor of each channel (C,), so that no weight overflows, and few become too small.

    For float16 it is a power of two, which changes no weight that was half precision before.
    """
    largest = np.abs(array).reshape(-1, array.shape[-1]).max(axis=0)  # (C,)
    largest[largest == 0] = 1
    if storage == "float16":
        return np.exp2(np.clip(np.ceil(np.log2(largest)), -126, 127)).astype(np.float32)
    return np.maximum(largest / LARGEST, np.finfo(np.float32).tiny).astype(np.float32)


def _stored(array, scale, storage):
    values = array / scale
    return np.rint(values).astype(np.int8) if storage == "int8" else values.astype(np.float16)
