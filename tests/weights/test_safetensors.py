"""The format safetensors: what is read of it, and what somebody may put into it."""

import json
import struct
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from third_party_networks import NARROW, as_amdegroot, as_torchvision, random_model

from numpyssd import weights
from numpyssd.config import SSD300
from numpyssd.errors import InputError
from numpyssd.weights import recognize
from numpyssd.weights.formats import safetensors

KINDS = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "u1": "U8", "b1": "BOOL", "u2": "BF16", "u8": "U64"}


def write(path, arrays, pad=0, metadata=None, **changes):
    """changes: in place of the row of an array, by its name."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, array in arrays.items():
        place = [len(data), len(data) + array.nbytes]
        row = {"dtype": KINDS[array.dtype.str[1:]], "shape": list(array.shape), "data_offsets": place}
        header[name], data = row | changes.get(name, {}), data + array.tobytes()
    said = json.dumps(header).encode()
    said += b" " * (-len(said) % 8 + 8 * pad)
    path.write_bytes(struct.pack("<Q", len(said)) + said + data)
    return path


def test_tensors_come_back(tmp_path, rng):
    upper = (rng.normal(size=9).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    arrays = {
        "a.weight": rng.normal(size=(4, 3, 2, 5)).astype(np.float32), "b": rng.normal(size=(2, 3)),
        "half": rng.normal(size=7).astype(np.float16), "upper": upper, "count": np.array(3), "none": np.zeros((0, 3)),
        "flag": np.array([True, False]), "odd": np.array([1], np.uint64),
    }  # fmt: skip
    found = safetensors.read(write(tmp_path / "a.safetensors", arrays, metadata={"format": "pt"}))
    assert list(found) == [name for name in arrays if name != "odd"]
    arrays["upper"] = (upper.astype(np.uint32) << 16).view(np.float32)
    for name, tensor in found.items():
        assert (tensor.shape, np.asarray(tensor).dtype) == (arrays[name].shape, arrays[name].dtype)
        np.testing.assert_array_equal(np.asarray(tensor), arrays[name])


@pytest.mark.parametrize("as_theirs", [as_torchvision, as_amdegroot])
def test_a_network_is_loaded_whatever_its_file_is_called_and_however_it_begins(tmp_path, as_theirs):
    model = random_model(replace(SSD300, width=NARROW, num_classes=4))
    arrays = {f"model.{name}": array for name, array in as_theirs(model).items()}
    beginnings = set()
    for pad in range(16):  # 8 bytes more of the header each time: a length may begin as a pickle does, or a protobuf
        path = write(tmp_path / "weights.bin", arrays, pad)
        beginnings.add(path.read_bytes()[0])
        found = recognize.read(path)
        assert len(found.arrays) == 71
    assert len(beginnings) == 16
    loaded = weights.load_model(path)
    for name, parameter in model.parameters().items():
        np.testing.assert_array_equal(loaded.parameters()[name].value, parameter.value)


@pytest.mark.parametrize("first", [0x80, 0x0A, 0x12, 0x1A, 0x1F, 0x50])
def test_a_header_as_long_as_other_formats_begin(tmp_path, first):
    arrays = {"a": np.ones(2, np.float32)}
    for spaces in range(256):
        header = b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}' + b" " * spaces
        if len(header) & 255 == first:
            break
    (tmp_path / "a").write_bytes(struct.pack("<Q", len(header)) + header + arrays["a"].tobytes())
    with pytest.raises(InputError, match="holds weights of no network that is known: a; expected torchvision's SSD"):
        recognize.read(tmp_path / "a")


@pytest.mark.parametrize(
    "row",
    [
        {"data_offsets": [0, 1 << 40]}, {"data_offsets": [-4, 4]}, {"data_offsets": [8, 0]}, {"data_offsets": [0, 4]},
        {"data_offsets": [0.0, 8.0]}, {"data_offsets": [True, 8]}, {"data_offsets": []}, {"data_offsets": None},
        {"shape": [1 << 40]}, {"shape": [-2]}, {"shape": ["2"]}, {"shape": [2.0]}, {"shape": 2},
        {"shape": [1] * 9 + [2]}, {"dtype": "F64"}, {"dtype": 4}, {"dtype": None}, {"dtype": ["F32"]},
    ],
)  # fmt: skip
def test_a_row_that_is_none_is_refused_in_little_memory(tmp_path, row):
    path = write(tmp_path / "a", {"a": np.ones(2, np.float32)}, a=row)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="is damaged, or no file of the format safetensors") as caught:
            recognize.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)


def test_other_texts(tmp_path):
    for header in (
        b"{",
        b"{}x",
        b'{"a": 1}',
        b'{"a": {}}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"\xff": 1}',
        b"{ ",
    ):
        (tmp_path / "a").write_bytes(struct.pack("<Q", len(header)) + header + b"1234")
        with pytest.raises(InputError, match="is damaged, or no file of the format safetensors"):
            safetensors.read(tmp_path / "a")
    (tmp_path / "a").write_bytes(struct.pack("<Q", 2) + b"{}")
    with pytest.raises(InputError, match="no network that is known: nothing"):
        recognize.read(tmp_path / "a")


def test_tensors_that_share_their_numbers_cannot_multiply_them(tmp_path):
    row = {"data_offsets": [0, 4 << 16]}
    array, names = np.zeros(1 << 16, np.float32), [f"vgg.{i}" for i in range(100)]
    arrays = {names[0]: array, **{name: np.zeros(0, np.float32) for name in names[1:]}}
    rows = {name: row | {"shape": [1 << 16]} for name in names}
    with pytest.raises(InputError, match="its tensors are far larger than the file"):
        recognize.read(write(tmp_path / "a", arrays, **rows))


def test_a_file_that_is_cut_short(tmp_path, rng):
    whole = write(tmp_path / "a", {"a": np.ones(8, np.float32), "b": np.ones(8, np.float32)}).read_bytes()
    for end in range(9, len(whole), 7):
        (tmp_path / "a").write_bytes(whole[:end])
        with pytest.raises(InputError, match="is damaged|is not a numpyssd checkpoint"):
            recognize.read(tmp_path / "a")
