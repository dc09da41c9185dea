"""Small writers of other projects' files, byte by byte, so that tests of the readers need none of their frameworks."""

import io
import struct
import zipfile

import numpy as np

KINDS = {"f4": "Float", "f8": "Double", "f2": "Half", "i8": "Long", "u1": "Byte", "u2": "BFloat16"}

# ---- pickles, an instruction at a time -----------------------------------------------------------------------------


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value):
    if 0 <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def sequence(*parts):
    """A tuple."""
    return b"(" + b"".join(parts) + b"t"


def name_of(module, name):
    return b"c" + f"{module}\n{name}\n".encode()


def call(module, name, *arguments):
    return name_of(module, name) + sequence(*arguments) + b"R"


def dictionary(**items):
    return b"}(" + b"".join(text(name) + value for name, value in items.items()) + b"u"


def pickled(body):
    return b"\x80\x02" + body + b"."


def tensor(key, kind, count, shape, strides, offset=0, view=None, function="_rebuild_tensor_v2"):
    """The pickle of a tensor; view: the third part of the older form's references, already pickled."""
    parts = [text("storage"), name_of("torch", f"{kind}Storage"), text(key), text("cpu"), integer(count)]
    reference = sequence(*parts, *([view] if view else [])) + b"Q"
    more = [b"\x89", call("collections", "OrderedDict")] if function.endswith("v2") else []
    numbers = [sequence(*map(integer, shape)), sequence(*map(integer, strides))]
    return call("torch._utils", function, reference, integer(offset), *numbers, *more)


def of_array(key, array, **options):
    """The pickle of a tensor that holds all of an array."""
    strides = tuple(int(np.prod(array.shape[i + 1 :])) for i in range(array.ndim))
    return tensor(key, KINDS[array.dtype.str[1:]], array.size, array.shape, strides, **options)


def state_dict(arrays):
    """The pickle of an OrderedDict, which has attributes, as a state_dict has; the storages are named "0", "1", ..."""
    items = b"".join(text(name) + of_array(str(i), array) for i, (name, array) in enumerate(arrays.items()))
    attributes = dictionary(_metadata=call("collections", "OrderedDict"))
    return call("collections", "OrderedDict") + b"(" + items + b"u" + attributes + b"b"


# ---- PyTorch -------------------------------------------------------------------------------------------------------


def write_zip(path, body, storages, byteorder=None, compression=zipfile.ZIP_STORED, **extra):
    """A file as PyTorch has written it since 1.6: body is the pickle of the object, storages a list of arrays."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled(body))
        if byteorder:
            archive.writestr("archive/byteorder", byteorder)
        for i, array in enumerate(storages):
            archive.writestr(f"archive/data/{i}", array.tobytes())
        for name, data in extra.items():
            archive.writestr(f"archive/{name}", data)
        archive.writestr("archive/version", "3\n")
    return path


MACHINE = dictionary(protocol_version=integer(1001), little_endian=b"\x88")


def write_older(path, body, storages, machine=MACHINE, keys=None):
    """A file as PyTorch wrote it before 1.6."""
    keys = [str(i) for i in range(len(storages))] if keys is None else keys
    with open(path, "wb") as file:
        for part in (integer(0x1950A86A20F9469CFC6C), integer(1001), machine, body):
            file.write(pickled(part))
        file.write(pickled(b"](" + b"".join(map(text, keys)) + b"e"))
        for array in storages:
            file.write(struct.pack("<q", array.size) + array.tobytes())
    return path


def write_pth(path, arrays, older=False, wrapper=None):
    """A state_dict, within a dictionary under the name ``wrapper`` if there is one."""
    body = state_dict(arrays)
    if wrapper:
        body = dictionary(epoch=integer(3), **{wrapper: body})
    return (write_older if older else write_zip)(path, body, list(arrays.values()))


# ---- Caffe ---------------------------------------------------------------------------------------------------------


def varint(value):
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def message(number, data):
    """A field that holds bytes: a text, or a message."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def blob(array, packed=True, old_shape=False, diff=False):
    """A BlobProto; array float32, or float64, which goes into double_data."""
    if old_shape:
        four = (1,) * (4 - array.ndim) + array.shape
        head = b"".join(varint(number << 3) + varint(size) for number, size in enumerate(four, start=1))
    else:
        head = message(7, message(1, b"".join(map(varint, array.shape))))
    number, wire = (5, 5) if array.dtype == np.float32 else (8, 1)
    if packed:
        data = message(number, array.tobytes())
    else:
        data = b"".join(varint(number << 3 | wire) + value.tobytes() for value in array.ravel())
    return head + (message(6, np.zeros_like(array).tobytes()) if diff else b"") + data


def layer(name, arrays, old=False, more=b"", **options):
    """A field of a NetParameter: a LayerParameter, or a V1LayerParameter."""
    name_field, blobs_field, field = (4, 6, 2) if old else (1, 7, 100)
    body = message(name_field, name.encode()) + b"".join(message(blobs_field, blob(a, **options)) for a in arrays)
    return message(field, body + more)


def prior_box(smallest, largest):
    """The prior_box_param of a LayerParameter."""
    sizes = b"".join(varint(n << 3 | 5) + struct.pack("<f", size) for n, size in ((1, smallest), (2, largest)))
    return message(203, sizes + varint(4 << 3) + b"\x01")


def write_caffe(path, layers, **options):
    """layers: {name: arrays}. A field of text in front, and of an unknown number behind, as real files have."""
    body = message(1, b"VGG_VOC0712_SSD") + b"".join(layer(name, arrays, **options) for name, arrays in layers.items())
    path.write_bytes(body + message(999, b"later"))
    return path


def bytes_of(write, *arguments, **options):
    """What a writer writes, without a file."""
    memory = io.BytesIO()
    write(memory, *arguments, **options)
    return memory.getvalue()
