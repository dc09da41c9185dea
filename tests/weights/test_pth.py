"""pth and pickle_reader: both forms of PyTorch's files, and whatever else somebody puts into them."""

import os
import pickle
import struct
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
from third_party_files import (
    MACHINE,
    bytes_of,
    call,
    dictionary,
    integer,
    name_of,
    of_array,
    sequence,
    state_dict,
    tensor,
    text,
    write_older,
    write_pth,
    write_zip,
)

from numpyssd.errors import InputError
from numpyssd.weights.formats import pth

BOTH = pytest.mark.parametrize("write", [write_zip, write_older])


def arrays(rng):
    return {
        "a.weight": rng.normal(size=(4, 3, 2, 5)).astype(np.float32),
        "a.bias": rng.normal(size=4),
        "b": rng.normal(size=(3, 7)).astype(np.float16),
        "count": np.array(7),
        "none": np.zeros((0, 3), np.float32),
    }


def read(path):
    return {name: np.asarray(value) for name, value in pth.read(path).items()}


def message(path):
    with pytest.raises(InputError) as caught:
        read(path)
    found = str(caught.value)
    assert found.startswith(str(path))
    assert "\n" not in found
    return found


# ---- what is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_a_state_dict_comes_back(tmp_path, rng, older, wrapper):
    expected = arrays(rng)
    found = read(write_pth(tmp_path / "a.pth", expected, older, wrapper))
    assert list(found) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)


def test_the_names_that_data_parallel_gives(tmp_path, rng):
    found = read(write_pth(tmp_path / "a.pth", {f"module.{name}": array for name, array in arrays(rng).items()}))
    assert list(found) == list(arrays(rng))
    mixed = {"module.a": np.ones(2, np.float32), "a": np.ones(2, np.float32)}  # two that would get one name
    assert list(read(write_pth(tmp_path / "a.pth", mixed))) == ["module.a", "a"]


def test_bfloat16_is_the_upper_half_of_float32(tmp_path, rng):
    whole = rng.normal(size=9).astype(np.float32)
    upper = (whole.view(np.uint32) >> 16).astype(np.uint16)
    (found,) = read(write_pth(tmp_path / "a.pth", {"a": upper})).values()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, (upper.astype(np.uint32) << 16).view(np.float32))
    np.testing.assert_allclose(found, whole, rtol=1 / 128)


@BOTH
def test_steps_and_a_place_within_a_storage(tmp_path, rng, write):
    """A transposed tensor, every second number of another, and two tensors that share a storage."""
    storage = rng.normal(size=24).astype(np.float32)
    body = dictionary(
        turned=tensor("0", "Float", 24, (6, 4), (1, 6)),
        second=tensor("0", "Float", 24, (5,), (2,), offset=3),
        old=tensor("0", "Float", 24, (24,), (1,), function="_rebuild_tensor"),
    )
    found = read(write(tmp_path / "a.pth", body, [storage]))
    np.testing.assert_array_equal(found["turned"], storage.reshape(4, 6).T)
    np.testing.assert_array_equal(found["second"], storage[3:13:2])
    np.testing.assert_array_equal(found["old"], storage)


def test_a_part_of_a_storage_as_the_oldest_files_have_it(tmp_path, rng):
    storage = rng.normal(size=10).astype(np.float32)
    view = sequence(text("v"), integer(4), integer(3))
    body = dictionary(
        a=tensor("0", "Float", 10, (3,), (1,), view=view), b=tensor("0", "Float", 10, (2,), (1,), view=b"N")
    )
    found = read(write_older(tmp_path / "a.pth", body, [storage]))
    np.testing.assert_array_equal(found["a"], storage[4:7])
    np.testing.assert_array_equal(found["b"], storage[:2])
    beyond = dictionary(a=tensor("0", "Float", 10, (3,), (1,), view=sequence(text("v"), integer(8), integer(3))))
    assert "beyond" in message(write_older(tmp_path / "a.pth", beyond, [storage]))


def test_parameters_and_sizes_and_the_list_of_python_2(tmp_path, rng):
    array = rng.normal(size=(2, 3)).astype(np.float32)
    parameter = call(
        "torch._utils", "_rebuild_parameter", of_array("0", array), b"\x88", call("collections", "OrderedDict")
    )
    pairs = b"](" + b"](" + b"U\x01a" + parameter + b"e" + b"e"  # [["a", parameter]], with the byte string of Python 2
    body = call("collections", "OrderedDict", pairs)
    np.testing.assert_array_equal(read(write_zip(tmp_path / "a.pth", body, [array]))["a"], array)
    size = call("torch", "Size", sequence(integer(2), integer(3)))
    body = dictionary(state_dict=dictionary(a=of_array("0", array)), shape=size)
    np.testing.assert_array_equal(read(write_zip(tmp_path / "a.pth", body, [array]))["a"], array)


def test_a_big_endian_machine(tmp_path, rng):
    array = rng.normal(size=5).astype(np.float32)
    path = write_zip(tmp_path / "a.pth", dictionary(a=of_array("0", array)), [array.astype(">f4")], byteorder="big")
    np.testing.assert_array_equal(read(path)["a"], array)
    machine = MACHINE.replace(b"\x88", b"\x89")
    assert "is of a big-endian machine" in message(write_older(path, state_dict({"a": array}), [array], machine))


def test_numbers_are_read_only_when_they_are_asked_for(tmp_path):
    big = np.zeros(1 << 22, np.float32)  # 16 MiB
    path = write_pth(tmp_path / "a.pth", {"big": big, "small": np.ones(3, np.float32)})
    tracemalloc.start()
    try:
        found = pth.read(path)
        assert found["big"].shape == big.shape
        np.testing.assert_array_equal(np.asarray(found["small"]), np.ones(3))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


# ---- what is refused -----------------------------------------------------------------------------------------------


class Bomb:
    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


WEIGHT = np.arange(4, dtype=np.float32)


def with_weights(**others):
    """The pickle of a training run's dictionary: weights, and other things that are pickled already."""
    return dictionary(before=integer(1), **others, model=dictionary(a=of_array("0", WEIGHT)))


@BOTH
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_calls_are_not_made(tmp_path, write, protocol):
    bomb = pickle.dumps({"a": Bomb(tmp_path / "executed")}, protocol)
    body = bomb[2:-1]  # without PROTO and STOP
    assert "holds no state_dict but a dictionary of 'a'" in message(write(tmp_path / "a.pth", body, []))
    if protocol == 2:  # a frame of the others cannot be inside of another
        np.testing.assert_array_equal(read(write(tmp_path / "b.pth", with_weights(bomb=body), [WEIGHT]))["a"], WEIGHT)
    assert not (tmp_path / "executed").exists()
    pickle.loads(bomb)
    assert (tmp_path / "executed").exists()  # so it would have been seen


@BOTH
@pytest.mark.parametrize(
    "name",
    [
        ("builtins", "eval"), ("os", "system"), ("torch", "load"), ("torch.jit", "load"), ("numpy", "load"),
        ("argparse", "Namespace"), ("torch._utils", "_rebuild_tensor_v3"), ("torch.nn.modules.conv", "Conv2d"),
        ("collections", "OrderedDict.fromkeys"), ("collections.OrderedDict", "__class__"), ("__builtin__", "getattr"),
        ("numpy.core.multiarray", "scalar"), ("torch", "FloatStorage.__class__"), ("", ""), ("torch\0", "Size"),
        ("antigravity", "fly"), ("this", "s"),
    ],
)  # fmt: skip
def test_every_other_name_is_an_empty_place(tmp_path, write, name):
    stacked = text(name[0]) + text(name[1]) + b"\x93"  # STACK_GLOBAL
    bodies = (
        name_of(*name),  # not even called
        call(*name, text("x")),
        call(*name, text("x")) + dictionary(state=integer(1)) + b"b",  # BUILD
        stacked + sequence() + b"R",
        name_of(*name) + sequence() + b"\x81",  # NEWOBJ
        stacked + sequence() + b"}\x92",  # NEWOBJ_EX
        call(*name) + sequence() + b"R" + sequence(text("y")) + b"\x81",  # called again
        call(*name) + b"(" + integer(1) + text("x") + b"e",  # APPENDS
        call(*name) + b"(" + text("key") + integer(1) + b"u" + text("key") + integer(1) + b"s",  # SETITEMS, SETITEM
        call(*name) + b"(" + integer(1) + b"\x90",  # ADDITEMS
    )
    before = set(sys.modules)
    for body in bodies:
        found = read(write(tmp_path / "a.pth", with_weights(odd=body), [WEIGHT]))
        assert list(found) == ["a"]
        np.testing.assert_array_equal(found["a"], WEIGHT)
        for wrapper in ("model", "model_ema"):
            said = message(write(tmp_path / "a.pth", dictionary(**{wrapper: body}), []))
            assert f"holds under '{wrapper}' a whole object, a {'.'.join(name)!r}, and no weights by name" in said
        assert "holds a whole object" in message(write(tmp_path / "a.pth", body, []))
    assert not {"antigravity", "this", "torch"} & (set(sys.modules) - before)


@BOTH
def test_instructions_that_no_weights_need_are_refused(tmp_path, write):
    for body, name in (
        (b"(ios\nsystem\n", "INST"), (b"(cos\nsystem\no", ""), (b"\x82\x01", "EXT1"), (b"Pabc\n", "PERSID"),
        (b"]\x91" + b"(\x90", ""), (b"0", ""), (b"(]2", "DUP"),
    ):  # fmt: skip
        assert name in message(write(tmp_path / "a.pth", body, []))


@BOTH
def test_the_admitted_ones_cannot_be_misused(tmp_path, write):
    storage, ones = name_of("torch", "FloatStorage"), np.ones(4, np.float32)
    bodies = (
        storage + sequence() + b"R",  # a storage is no function
        storage + sequence(integer(1 << 40)) + b"\x81",
        call("torch._utils", "_rebuild_tensor_v2", storage, integer(0), sequence(integer(1)), sequence(integer(1))),
        call("torch._utils", "_rebuild_tensor_v2"),
        call("torch._utils", "_rebuild_parameter", text("x")),
        call("collections", "OrderedDict", text("x")),
        call("collections", "OrderedDict", sequence(), sequence()),
        text("x") + sequence() + b"R",
        sequence(text("storage"), storage, integer(5), text("cpu"), integer(4)) + b"Q",
        sequence(text("module"), storage, text("0"), text("cpu"), integer(4)) + b"Q",
        sequence(text("storage"), text("x"), text("0"), text("cpu"), integer(4)) + b"Q",
        sequence(text("storage"), storage, text("0"), text("cpu"), integer(-4)) + b"Q",
        b"h\x05",  # from a memo that is empty
        b"t", b"u", b"\x87", b"s", b"a", b"Q", b"R", b"]" + b"(e" + b"(e" * 3 + text("x") + b"s",
    )  # fmt: skip
    for body in bodies:
        message(write(tmp_path / "a.pth", body, [ones]))


@BOTH
@pytest.mark.parametrize(
    ("count", "shape", "strides", "offset"),
    [
        (4, (1 << 20, 1 << 20), (1 << 20, 1), 0),
        (4, (1 << 40,), (0,), 0),  # one number a million million times over
        (4, (5,), (1,), 0),
        (4, (2, 2), (2, 2), 0),
        (4, (4,), (1,), 1),
        (4, (1,), (1,), -1),
        (4, (2,), (-1,), 3),
        (4, (-2, -2), (1, 1), 0),
        (4, (2, 2), (2,), 0),
        (4, (1,) * 100, (1,) * 100, 0),
        (1 << 40, (1,), (1,), 0),  # a storage that is not there
        (3, (1,), (1,), 0),
        (5, (1,), (1,), 0),
    ],
)
def test_a_tensor_must_lie_within_the_bytes_that_are_there(tmp_path, write, count, shape, strides, offset):
    path = write(
        tmp_path / "a.pth", dictionary(a=tensor("0", "Float", count, shape, strides, offset)), [np.ones(4, "f4")]
    )
    tracemalloc.start()
    try:
        assert "is damaged, or no file of PyTorch's" in message(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_pickle_cannot_ask_for_memory(tmp_path):
    """Lengths and places far beyond the file, at which Python's own machine reserves what they say."""
    for body in (
        b"\x8e" + struct.pack("<Q", 1 << 40) + b"x",  # BINBYTES8
        b"\x8d" + struct.pack("<Q", 1 << 40) + b"x",  # BINUNICODE8
        b"]r" + struct.pack("<I", (1 << 32) - 1),  # LONG_BINPUT
        b"\x8b" + struct.pack("<i", (1 << 31) - 1) + b"x",  # LONG4
    ):
        for write in (write_zip, write_older):
            path = write(tmp_path / "a.pth", body, [])
            tracemalloc.start()
            try:
                message(path)
                assert tracemalloc.get_traced_memory()[1] < 1 << 20
            finally:
                tracemalloc.stop()


@pytest.mark.parametrize("older", [False, True])
def test_truncated_files(tmp_path, rng, older):
    data = write_pth(tmp_path / "whole.pth", arrays(rng), older).read_bytes()
    path = tmp_path / "a.pth"
    for end in [*range(0, len(data), 37), len(data) - 1]:
        path.write_bytes(data[:end])
        message(path)


def test_a_flipped_bit_is_noticed_or_harmless(tmp_path, rng):
    expected = arrays(rng)
    data = write_pth(tmp_path / "whole.pth", expected).read_bytes()
    path, refused = tmp_path / "a.pth", 0
    for place in rng.integers(len(data), size=300):
        damaged = bytearray(data)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            found = read(path)
        except InputError:
            refused += 1
            continue
        for name in set(found) & set(expected):  # a date, or a version number
            np.testing.assert_array_equal(found[name], expected[name])
    assert refused > 150


def test_archives_that_pytorch_does_not_write(tmp_path, rng):
    body, storages = state_dict({"a": np.zeros(9999, np.float32)}), [np.zeros(9999, np.float32)]
    path = tmp_path / "a.pth"
    assert "compressed" in message(write_zip(path, body, storages, compression=zipfile.ZIP_DEFLATED))
    assert "is a TorchScript program" in message(write_zip(path, body, storages, **{"constants.pkl": b""}))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "no data.pkl" in message(path)


def test_what_holds_no_state_dict(tmp_path, rng):
    one = of_array("0", np.ones(2, np.float32))
    for body, said in (
        (one, "but a Tensor"),
        (b"](" + one + b"e", "but a list"),
        (dictionary(epoch=integer(3), lr=integer(1)), "but a dictionary of 'epoch', 'lr'"),
        (b"}", "but a dictionary of nothing"),
    ):
        assert f"holds no state_dict {said}; save model.state_dict()" in message(
            write_zip(tmp_path / "a.pth", body, [np.ones(2, np.float32)])
        )


def test_a_list_within_itself_and_depth_are_no_trouble(tmp_path):
    """hash() of tuples within tuples would overflow the stack of the process."""
    for depth in (1, 300_000):
        body = b"})" + b"\x85" * depth + text("x") + b"s"
        assert "but a dictionary of nothing" in message(write_zip(tmp_path / "a.pth", body, []))
    message(write_zip(tmp_path / "a.pth", b"]q\x00h\x00a", []))
    message(write_zip(tmp_path / "a.pth", b")" + b"\x85" * 300_000, []))


def test_other_files(tmp_path):
    for data in (b"", b"\x80", b"\x80\x02", b"\x80\x02.", b"hello", b"PK\x03\x04", b"\0" * 999):
        (tmp_path / "a.pth").write_bytes(data)
        assert "is damaged, or no file of PyTorch's" in message(tmp_path / "a.pth")
    (tmp_path / "a.pth").write_bytes(pickle.dumps({"a": np.ones(3)}))
    assert "is a pickle, and none that torch.save wrote" in message(tmp_path / "a.pth")
    assert "cannot be read" in message(tmp_path / "no.pth")
    assert bytes_of(write_zip, b"}", []).startswith(b"PK")
