"""numpyssd.weights.formats.caffemodel and .protobuf: every form of a blob, and files that are none."""

import struct

import numpy as np
import pytest
from third_party_files import blob, layer, message, prior_box, varint, write_caffe

from numpyssd.errors import InputError
from numpyssd.weights.formats import caffemodel, protobuf


def fields(data):
    return [(n, k, v if isinstance(v, int) else bytes(v)) for n, k, v in protobuf.fields(np.frombuffer(data, np.uint8))]


# ---- the wire format -------------------------------------------------------------------------------------------------


def test_golden():
    # The examples of the encoding's public description: field 1 is 150; field 2 is "testing"; field 3 holds the first.
    assert fields(bytes.fromhex("089601")) == [(1, protobuf.VARINT, 150)]
    assert fields(bytes.fromhex("120774657374696e67")) == [(2, protobuf.BYTES, b"testing")]
    assert fields(bytes.fromhex("1a03089601")) == [(3, protobuf.BYTES, bytes.fromhex("089601"))]
    assert protobuf.varints(np.frombuffer(bytes.fromhex("038e029ea705"), np.uint8)) == [3, 270, 86942]  # packed
    assert fields(b"\x08" + b"\xff" * 9 + b"\x01") == [(1, protobuf.VARINT, (1 << 64) - 1)]
    assert fields(b"") == []


@pytest.mark.parametrize("width", [4, 8])
def test_a_list_that_is_not_packed_comes_as_one(width):
    kind = protobuf.FIXED32 if width == 4 else protobuf.FIXED64
    for count in (1, 2, 3, 4, 5, 7, 8, 9, 100):
        values = [bytes([i] * width) for i in range(count)]
        for tag in (5 << 3 | kind, 1000 << 3 | kind):
            data = b"".join(varint(tag) + value for value in values)
            number = tag >> 3
            assert fields(data) == [(number, kind, b"".join(values))]
            behind = fields(data + varint(7 << 3) + b"\x01" + data)
            assert behind == [(number, kind, b"".join(values)), (7, 0, 1), (number, kind, b"".join(values))]


@pytest.mark.parametrize(
    "data",
    [
        b"\x08", b"\x08\xff", b"\x08" + b"\xff" * 10 + b"\x01", b"\x12\x05abcd", b"\x12\xff\xff\xff\xff\x0f", b"\x00\1",
        b"\x0b", b"\x0c", b"\x0e\x01", b"\x0d\x01\x02\x03", b"\x09" + b"1234567", b"\xff" * 11,
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_message(data):
    with pytest.raises(ValueError, match=r"a (field|number)"):
        fields(data)


def test_alternating_lists_take_no_longer_than_their_length():
    """Each run is one number long: whoever looks ahead to the end each time would need a minute."""
    data = b"".join(varint(n << 3 | 5) + b"1234" for n in (5, 6)) * 20_000
    assert len(fields(data)) == 40_000


# ---- blobs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("options", [{}, {"packed": False}, {"diff": True}])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_come_back(tmp_path, rng, old, options, dtype):
    layers = {
        "conv1": [rng.normal(size=(4, 3, 3, 2)).astype(dtype), rng.normal(size=4).astype(dtype)],
        "norm": [rng.normal(size=7).astype(dtype)],
    }
    found, sizes = caffemodel.read(write_caffe(tmp_path / "a.caffemodel", layers, old=old, **options))
    assert sizes == {}
    assert list(found) == list(layers)
    for name, blobs in layers.items():
        assert len(found[name]) == len(blobs)
        for array, expected in zip(found[name], blobs):
            assert (array.shape, array.dtype) == (expected.shape, dtype)
            np.testing.assert_array_equal(array, expected)


def test_shapes_of_before_2014_have_four_dimensions(tmp_path, rng):
    weight, bias = rng.normal(size=(4, 3, 3, 2)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    path = write_caffe(tmp_path / "a", {"a": [weight, bias]}, old=True, old_shape=True)
    found = caffemodel.read(path)[0]["a"]
    assert [array.shape for array in found] == [(4, 3, 3, 2), (1, 1, 1, 4)]
    np.testing.assert_array_equal(found[0], weight)
    np.testing.assert_array_equal(found[1].ravel(), bias)


def test_numbers_in_parts_and_sizes_that_are_not_packed(tmp_path):
    values = np.arange(6, dtype=np.float32)
    shape = message(7, varint(1 << 3) + varint(2) + varint(1 << 3) + varint(3))
    parts = (
        message(5, values[:2].tobytes()) + varint(5 << 3 | 5) + values[2:3].tobytes() + message(5, values[3:].tobytes())
    )
    path = tmp_path / "a"
    path.write_bytes(message(100, message(1, b"a") + message(7, shape + parts)))
    np.testing.assert_array_equal(caffemodel.read(path)[0]["a"][0], values.reshape(2, 3))


def test_prior_boxes_and_layers_without_blobs(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(layer("conv4_3_norm_mbox_priorbox", [], more=prior_box(30, 60)) + layer("relu", []))
    layers, sizes = caffemodel.read(path)
    assert layers == {}
    assert sizes == {"conv4_3_norm_mbox_priorbox": ([30.0], [60.0])}


# ---- what is refused -------------------------------------------------------------------------------------------------


def refused(path):
    with pytest.raises(InputError, match="is damaged, or has no known format of weights") as caught:
        caffemodel.read(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "shape", [(3,), (5,), (), (1 << 40, 1 << 20), (2, 3), (0,), (1 << 62, 4, 4), (1,) * 100 + (4,), ((1 << 64) - 4,)]
)
def test_a_blob_must_hold_what_its_shape_says(tmp_path, shape):
    dims = message(7, message(1, b"".join(map(varint, shape))))
    path = tmp_path / "a"
    path.write_bytes(message(100, message(1, b"a") + message(7, dims + message(5, b"1234" * 4))))
    refused(path)


def test_numbers_that_are_cut_off(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(message(100, message(7, message(5, b"123"))))
    refused(path)


def test_truncated_files(tmp_path, rng):
    weights = {"conv1": [rng.normal(size=(4, 3, 3, 3)).astype(np.float32), np.ones(4, np.float32)]}
    path = write_caffe(tmp_path / "a", weights)
    data = path.read_bytes()
    for end in [*range(1, len(data), 11), *range(len(data) - 30, len(data))]:
        path.write_bytes(data[:end])
        try:
            layers = caffemodel.read(path)[0]
        except InputError:
            continue
        whole = list(layers) == ["conv1"] and len(layers["conv1"]) == 2
        assert whole or layers == {}  # cut between two fields of the file itself


def test_other_files(tmp_path):
    for data in (
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        b"\n\xff\xff\xff\xff\x0f",
        struct.pack("<Q", 1 << 60),
        b"\n# A page\n",
    ):
        (tmp_path / "a").write_bytes(data)
        refused(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"")
    refused(tmp_path / "a")
    with pytest.raises(InputError, match="cannot be read"):
        caffemodel.read(tmp_path / "none")


def test_a_reader_of_the_bytes_of_blob_itself(rng):
    array = rng.normal(size=(2, 3)).astype(np.float32)
    numbers = {number: value for number, _, value in fields(blob(array))}
    assert numbers == {7: b"\n\x02\x02\x03", 5: array.tobytes()}
