"""The wire format of protocol buffers: a message is a row of fields, each a tag (number and type) and a value.

The ``protobuf`` package is not used, because it needs code that a compiler of a matching version generates from
caffe.proto. This reader needs a dozen fields, and skips the gradients, which may be half of a file, without reading
them. Source: the public description of the encoding.
"""

import numpy as np

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_VARINT = 10  # bytes
MAX_FIELDS = 100_000  # of one message; lists of numbers count as one


def fields(data):
    """Yield (number, type, value) for each field of a message, an array (N,) uint8.

    The value of a VARINT is an int. The value of BYTES (texts, messages, packed numbers) is a view, an array of bytes.
    Consecutive numbers of a fixed width with the same tag (a list that is not packed) are one array of bytes. Raises
    ValueError for data that is no message.
    """
    place, end, count = 0, len(data), 0
    while place < end:
        start, count = place, count + 1
        if count > MAX_FIELDS:
            raise ValueError(f"more than {MAX_FIELDS} fields")
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("a field without a number")
        if kind == VARINT:
            value, place = _varint(data, place)
        elif kind == BYTES:
            length, place = _varint(data, place)
            if length > end - place:
                raise ValueError(f"a field of {length} bytes where {end - place} are left")
            value, place = data[place : place + length], place + length
        elif kind in (FIXED32, FIXED64):
            value, place = _run(data, start, place, 4 if kind == FIXED32 else 8)
        else:
            raise ValueError(f"a field of the type {kind}")
        yield number, kind, value


def varints(data):
    """Return the list of ints that are packed in an array of bytes."""
    values, place = [], 0
    while place < len(data):
        value, place = _varint(data, place)
        values.append(value)
    return values


def _varint(data, place):
    """Return the number whose groups of 7 bits begin at ``place``, the lowest first, and where it ends."""
    value = 0
    for i, byte in enumerate(data[place : place + MAX_VARINT].tolist()):
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value, place + i + 1
    raise ValueError("a number without an end")


def _run(data, start, place, width):
    """Return the values (n * width,) of all fields that follow with the same tag, which is data[start:place]."""
    tag, step = data[start:place], place - start + width
    if step > len(data) - start:
        raise ValueError("a number that is cut off")
    whole, count, window, text = data[start:], 1, 1, tag.tobytes()
    while whole[count * step : count * step + len(text)].tobytes() == text:
        # In windows that double: one pass over a list of millions, and no more than twice a short one.
        rows = whole[count * step : (count + window) * step]
        rows = rows[: len(rows) // step * step].reshape(-1, step)
        same = (rows[:, : len(tag)] == tag).all(axis=1)
        follow = len(same) if same.all() else int(np.argmin(same))
        count += follow
        if follow < window:
            break
        window *= 2
    values = whole[: count * step].reshape(count, step)[:, len(tag) :]
    return values.reshape(-1), start + count * step
