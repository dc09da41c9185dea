"""Files made to do harm: they are refused in one sentence, nothing of them is executed, and they take no memory."""

import io
import json
import os
import stat
import tracemalloc
import zipfile
from dataclasses import asdict, replace

import numpy as np
import pytest
from short_run import THIN
from third_party_files import dictionary, integer, message, name_of, sequence, tensor, text, write_older, write_zip

from numpyssd import weights
from numpyssd.config import COMPACT, SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.weights.formats import pth
from numpyssd.weights.stored_config import check_config, config_from_dict, weight_shapes


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "a.npz"
    weights.save(SSD(THIN), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def described(entries, **changes):
    found = json.loads(str(np.load(io.BytesIO(entries["description.npy"]))))
    memory = io.BytesIO()
    np.save(memory, np.array(json.dumps({**found, **changes})))
    return {**entries, "description.npy": memory.getvalue()}


def refused(path, said, load=weights.load_model, most=8 << 20):
    """See that a file is refused in one line of some words, in little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=said) as caught:
            load(path)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


# ---- our own files and other .npz ------------------------------------------------------------------------------------


def header(shape, dtype="<f4", version=1):
    body = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(body).to_bytes(2, "little") + body


@pytest.mark.parametrize("name", ["conv1_1.weight.npy", "description.npy", "odd.npy"])
@pytest.mark.parametrize("shape", [(1 << 50,), (1 << 20, 1 << 20), (1 << 62, 4), (-1,), (3, -2), (0,), (5,)])
def test_a_shape_that_is_not_that_of_the_bytes(tmp_path, entries, name, shape):
    path = zipped(tmp_path / "a.npz", {**entries, name: header(shape) + b"1234" * 4})
    refused(path, "has not as many numbers as its shape says|no numpyssd checkpoint|is damaged")


@pytest.mark.parametrize("dtype", ["|V0", "<U0", "|S0", "|O", [("a", "<f4", (1 << 28,))], "<f4,<f4", "<M8[s]"])
def test_a_type_that_no_weights_have(tmp_path, entries, dtype):
    path = zipped(tmp_path / "a.npz", {**entries, "conv1_1.weight.npy": header((1 << 40,), dtype) + b"1234"})
    refused(path, "is damaged")


def test_a_few_bytes_that_unpack_to_many(tmp_path, entries):
    zeros = header((1 << 26,)) + bytes(1 << 28)
    path = zipped(tmp_path / "a.npz", {**entries, "odd.npy": zeros}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2 << 20
    refused(path, "bytes that would unpack to")
    refused(zipped(path, {"archive/data.pkl": bytes(1 << 27)}, zipfile.ZIP_DEFLATED), "bytes that would unpack to")
    refused(zipped(path, entries, zipfile.ZIP_LZMA), "packed in a way that weights never are")
    packed = zipped(path, entries, zipfile.ZIP_DEFLATED)  # as np.savez_compressed does it: no reason to refuse
    assert weights.load_model(packed).config == THIN


def test_a_length_that_is_not_that_of_the_entry(tmp_path, entries):
    path = zipped(tmp_path / "a.npz", entries)
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")  # the last of the directory
    data[place + 20 : place + 28] = (0x7FFFFFF0).to_bytes(4, "little") * 2
    path.write_bytes(data)
    refused(path, "is longer than the file")


def test_names_that_lead_elsewhere_and_links_lead_nowhere(tmp_path, entries):
    (tmp_path / "inside").mkdir()
    evil = {"../evil.npy": header((1,)) + b"1234", "/tmp/evil-of-numpyssd.npy": header((1,)) + b"1234"}
    path = zipped(tmp_path / "inside" / "a.npz", {**entries, **evil})
    link = zipfile.ZipInfo("link.npy")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(path, "is damaged")  # a path is no array
    path = zipped(path, {**entries, **evil})
    report = weights.load(SSD(THIN), path)
    assert report.skipped == ["../evil", "/tmp/evil-of-numpyssd"]
    assert os.listdir(tmp_path) == ["inside"]
    assert os.listdir(tmp_path / "inside") == ["a.npz"]
    assert not os.path.exists("/tmp/evil-of-numpyssd.npy")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("image_size", 1 << 40), ("image_size", 0), ("image_size", 64.0), ("image_size", True), ("width", 1e9),
        ("width", float("nan")), ("num_classes", 1), ("num_classes", 1 << 40), ("base_tail", [1 << 30, 1 << 30]),
        ("base_tail", [128]), ("base_blocks", [[16]] * 4), ("base_blocks", [[16]] * 4 + [[1 << 30]]),
        ("pool_strides", [0, 2, 1, 2]), ("conv6_dilation", 10**9), ("mean", [1, 2]), ("mean", [1, 2, "x"]),
        ("mean", [1, 2, float("inf")]), ("pixel_scale", None), ("resize", "invented"), ("clip_mode", ["none"]),
        ("center_rule", None), ("size_limit", -1), ("batch_norm", "yes"), ("name", 3), ("extra_layers", []),
        ("feature_maps", []), ("feature_maps", None), ("norm_scale", float("nan")),
    ],
)  # fmt: skip
def test_a_config_of_no_network(tmp_path, entries, key, value):
    path = zipped(tmp_path / "a.npz", described(entries, config=asdict(THIN) | {key: value}))
    refused(path, "describes a network that this version cannot build|lacks")


@pytest.mark.parametrize(
    ("row", "key", "value"),
    [
        ("feature_maps", "size", 1 << 40), ("feature_maps", "size", 15), ("feature_maps", "scale_px", float("nan")),
        ("feature_maps", "step", 0), ("feature_maps", "aspect_ratios", [2] * 10**6),
        ("feature_maps", "aspect_ratios", [0]), ("feature_maps", "name", None), ("extra_layers", "stride", 0),
        ("extra_layers", "kernel", 1 << 40), ("extra_layers", "padding", -1), ("extra_layers", "wide", 1 << 40),
        ("extra_layers", "name", "conv9"),
    ],
)  # fmt: skip
def test_a_row_of_no_network(tmp_path, entries, row, key, value):
    config = json.loads(json.dumps(asdict(THIN)))
    config[row][0][key] = value
    path = zipped(tmp_path / "a.npz", described(entries, config=config))
    refused(path, "describes a network that this version cannot build|lacks", most=80 << 20)


@pytest.mark.parametrize("names", [5, "abcde", {"a": 1}, [1, 2, 3, 4, 5], ["a", "b", "c", "d", ""], [["a"]] * 5])
def test_names_of_classes_that_are_none(tmp_path, entries, names):
    refused(zipped(tmp_path / "a.npz", described(entries, class_names=names)), "names of classes that are no names")


def test_an_order_to_the_terminal_is_shown_and_not_given(tmp_path, entries):
    evil = described(entries, class_names=["\x1b]0;evil\x07\nerror: all is well", "b"])
    with pytest.raises(InputError) as caught:
        weights.load_model(zipped(tmp_path / "a\nb\x1b[2J.npz", evil))
    assert str(caught.value).isprintable()
    assert r"a\u000ab\u001b[2J.npz" in str(caught.value)


@pytest.mark.parametrize(
    "config", [TINY, SSD300, SSD300_COCO, SSD512, SSD512_COCO, COMPACT, THIN], ids=lambda config: config.name
)
def test_every_network_of_ours_passes(config):
    config = replace(config, width=config.width / 8)
    check_config(config)
    assert config_from_dict(json.loads(json.dumps(asdict(config)))) == config
    built = {n: p.value.shape for n, p in SSD(config).parameters().items() if p.value.ndim == 4}
    assert weight_shapes(config) == built


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "is no plain file; save it to disk first")


# ---- files of PyTorch and Caffe --------------------------------------------------------------------------------------

NESTED = b")" + b"".join(b"q%ch%ch%c\x86" % (i, i, i) for i in range(100))  # (), ((), ()), ...: printed 2**100 long


@pytest.mark.parametrize("write", [write_zip, write_older])
def test_tuples_that_are_endless_when_they_are_printed_or_compared(tmp_path, write):
    storage = sequence(text("storage"), name_of("torch", "FloatStorage"), text("0"), text("cpu"), integer(4)) + b"Q"
    body = name_of("torch._utils", "_rebuild_tensor_v2") + sequence(storage, integer(0), NESTED, NESTED) + b"R"
    refused(write(tmp_path / "a.pth", dictionary(a=body), [np.ones(4, "f4")]), "is damaged", pth.read)
    refused(write(tmp_path / "a.pth", NESTED, []), "holds no state_dict", pth.read)


def test_keys_that_take_an_endless_time_to_compare(tmp_path):
    path = write_older(tmp_path / "a.pth", dictionary(), [])
    other = NESTED.replace(b"q", b"r").replace(b"h", b"j")
    for number in range(100):
        other = other.replace(b"r%cj%cj%c\x86" % ((number,) * 3), b"".join(
            [b"r", (1000 + number).to_bytes(4, "little"), *[b"j" + (1000 + number).to_bytes(4, "little")] * 2, b"\x86"]
        ))  # fmt: skip
    data = path.read_bytes()
    assert data.endswith(b"\x80\x02](e.")
    path.write_bytes(data.removesuffix(b"](e.") + b"](" + NESTED + other + b"e.")
    refused(path, "is damaged|holds no state_dict", pth.read)


@pytest.mark.parametrize("write", [write_zip, write_older])
def test_tensors_that_share_their_numbers_cannot_multiply_them(tmp_path, write):
    array = np.zeros(1 << 18, np.float32)
    many = dictionary(**{f"vgg.{i}": tensor("0", "Float", array.size, array.shape, (1,)) for i in range(70)})
    refused(write(tmp_path / "a.pth", many, [array]), "its tensors are far larger than the file", pth.read)
    two = dictionary(a=tensor("0", "Float", array.size, array.shape, (1,)), b=tensor("0", "Float", 1 << 18, (9,), (1,)))
    assert list(pth.read(write(tmp_path / "b.pth", two, [array]))) == ["a", "b"]


def test_a_million_empty_things_of_caffe(tmp_path):
    path = tmp_path / "a.caffemodel"
    empty = message(7, message(7, message(1, b"\0")))  # a blob of no numbers
    path.write_bytes(message(100, empty * 50_000))
    refused(path, "more than 10000 blobs")
    path.write_bytes(message(100, empty) * 50_000)
    refused(path, "more than 10000 blobs")
    path.write_bytes(message(1, b"x") + b"\x12\x00" * 200_000)
    refused(path, "more than 100000 fields")
    path.write_bytes(message(100, message(7, message(7, message(1, bytes(1 << 20))))))
    refused(path, "more than 8 dimensions")
