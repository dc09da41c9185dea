"""Weights by name: fetched into the cache from a server on the loopback; the real servers were never met."""

import functools
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest
from loopback import FAST, serving
from third_party_files import write_pth
from third_party_networks import NARROW, as_amdegroot, as_chainercv, random_model

from numpyssd import weights
from numpyssd.cli import show_weights
from numpyssd.config import SSD300
from numpyssd.datasets.class_names import VOC_NAMES
from numpyssd.errors import InputError
from numpyssd.transfer import fetch_file
from numpyssd.weights import cache
from numpyssd.weights.built_in import weights_path
from numpyssd.weights.published import PUBLISHED, key_of

AMDEGROOT, TORCHVISION = "amdegroot:ssd300_mAP_77.43_v2", "torchvision:ssd300_vgg16"
CHAINERCV = "chainercv:ssd300-voc0712"
FILES = {AMDEGROOT: "a.pth", TORCHVISION: "b.pth", CHAINERCV: "c.npz"}


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """The bytes of a small network in each file."""
    folder, model = tmp_path_factory.mktemp("published"), random_model(replace(SSD300, width=NARROW))
    np.savez(folder / "c.npz", **as_chainercv(model))
    pth = write_pth(folder / "a.pth", as_amdegroot(model)).read_bytes()
    return {"/a.pth": pth, "/b.pth": pth, "/c.npz": (folder / "c.npz").read_bytes()}


@pytest.fixture
def server(monkeypatch, tmp_path, contents):
    """Let three names be files on the loopback, with no checksum, the first digits of a SHA-256, and an MD5."""
    monkeypatch.setenv("NUMPYSSD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "fetch_file", functools.partial(fetch_file, **FAST))
    checksums = (
        None,
        f"sha256:{hashlib.sha256(contents['/b.pth']).hexdigest()[:8]}",
        f"md5:{hashlib.md5(contents['/c.npz']).hexdigest()}",
    )
    with serving(monkeypatch) as one:
        one.files = dict(contents)
        for (name, file), checksum in zip(FILES.items(), checksums):
            changed = PUBLISHED[name]._replace(url=f"{one.url}/{file}", checksum=checksum)
            monkeypatch.setitem(PUBLISHED, name, changed)
        yield one


def in_cache(tmp_path):
    return sorted(path.relative_to(tmp_path / "cache").as_posix() for path in (tmp_path / "cache").rglob("*.*"))


def refused(name, *words):
    with pytest.raises(InputError) as caught:
        weights_path(name)
    assert "\n" not in str(caught.value)
    for word in words:
        assert str(word) in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_name_is_fetched_once_and_loaded(server, tmp_path, name, capsys):
    model = weights.load_model(name)
    assert model.class_names == VOC_NAMES
    assert not model.names_are_guessed  # the name tells what its classes are
    assert in_cache(tmp_path) == [f"weights/{FILES[name]}"]
    assert weights.load_model(name).config == model.config
    assert len(server.asked) == 1
    said = capsys.readouterr()
    assert said.out == ""  # which may be a line of JSON
    assert said.err.startswith(f"fetching {server.url}/{FILES[name]} into {tmp_path / 'cache' / 'weights'} ...")


def test_the_same_file_by_its_path_names_no_classes(server):
    assert weights.load_model(weights_path(AMDEGROOT)).names_are_guessed


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server, tmp_path, contents):
    server.behavior = [{"drop"}, {503}, {"drop"}]
    assert weights_path(TORCHVISION).read_bytes() == contents["/b.pth"]
    starts = [int(asked[6:-1]) if asked else 0 for _, asked in server.asked]
    assert starts[0] == 0 < starts[1] == starts[2] < starts[3]


def test_patience_ends_with_a_sentence_and_the_next_call_goes_on(server, tmp_path):
    server.behavior = [{"drop"}, {500}, {500}]
    place = tmp_path / "cache/weights/b.pth"
    refused(TORCHVISION, "MB that arrived are kept", f"or fetch the file in another way and put it at {place}")
    assert in_cache(tmp_path) == ["weights/b.pth.part"]
    weights_path(TORCHVISION)
    assert server.asked[-1][1] is not None
    assert in_cache(tmp_path) == ["weights/b.pth"]


@pytest.mark.parametrize("name", [TORCHVISION, CHAINERCV])
def test_other_bytes_than_are_known_are_not_kept(server, tmp_path, name):
    server.behavior = [{"wrong"}]
    refused(name, "has other bytes than are known and was removed", f"put it in {tmp_path / 'cache' / 'weights'}")
    assert in_cache(tmp_path) == []
    weights.load_model(name)


def test_a_web_page_in_place_of_a_file_without_a_checksum(server, tmp_path):
    server.files["/a.pth"] = b"\n<!DOCTYPE html><title>Sign in to this network</title>"
    refused(AMDEGROOT, "has other bytes than are known and was removed")
    assert in_cache(tmp_path) == []


def test_without_a_network_the_sentence_names_the_file_and_its_place(server, tmp_path):
    server.shutdown()
    server.server_close()
    place = tmp_path / "cache/weights/a.pth"
    refused(AMDEGROOT, f"{server.url}/a.pth can't be fetched", "check the network", f"put it at {place}")
    place.write_bytes(server.files["/a.pth"])  # what it advises
    assert weights.load_model(AMDEGROOT).class_names == VOC_NAMES


def test_a_server_that_has_it_no_more(server, tmp_path):
    server.files.clear()
    refused(CHAINERCV, "the server answers 404 Not Found", f"put it at {tmp_path / 'cache' / 'weights' / 'c.npz'}")
    assert len(server.asked) == 1


def test_ctrl_c_keeps_what_has_arrived(server, tmp_path, monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    server.behavior = [{"drop"}]
    with monkeypatch.context() as patch:
        patch.setattr("time.sleep", stop)
        with pytest.raises(KeyboardInterrupt):
            weights_path(TORCHVISION)
    assert "what has arrived is kept; the same command goes on with it" in capsys.readouterr().err
    assert in_cache(tmp_path) == ["weights/b.pth.part"]
    weights_path(TORCHVISION)
    assert server.asked[-1][1] is not None


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMPYSSD_CACHE", str(tmp_path / "file"))
    refused(AMDEGROOT, tmp_path / "file", "cannot be written", "name another folder in NUMPYSSD_CACHE")


def test_a_file_of_that_name_comes_first_and_a_folder_does_not_stand_in_the_way(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny").mkdir()
    assert weights_path("tiny").name == "tiny.npz"
    (tmp_path / "ssd300_mAP_77.43_v2").write_bytes(b"mine")
    assert weights_path("ssd300_mAP_77.43_v2").read_bytes() == b"mine"
    assert server.asked == []


def test_names():
    assert key_of("vgg16_reducedfc") == "amdegroot:vgg16_reducedfc"
    assert key_of("ssd300_vgg16") == "torchvision:ssd300_vgg16"
    assert key_of("vgg16") is None  # of torchvision, or of ChainerCV?
    assert key_of("best.npz") is None
    for name, words in (
        ("torchvision:ssdlite", "no published weights are called torchvision:ssdlite; near to that are torchvision:"),
        ("vgg16", "near to that are torchvision:vgg16, chainercv:vgg16"),
        ("models/vgg16_reducedfc.pth", "does not exist; --weights amdegroot:vgg16_reducedfc fetches it"),
    ):
        refused(name, words)
    assert str(weights_path("runs/best.npz")).endswith("best.npz")


def test_every_published_file_is_told_by_its_source():
    for name, one in PUBLISHED.items():
        project, _, short = name.partition(":")
        assert project in ("torchvision", "chainercv", "amdegroot")
        assert key_of(name) == name
        assert one.url.startswith("https://")
        kind, _, digits = (one.checksum or "").partition(":")
        assert re.fullmatch({"sha256": "[0-9a-f]{8}", "md5": "[0-9a-f]{32}", "": ""}[kind], digits)
        if kind == "sha256":  # torchvision writes them into the name of the file
            assert one.file_name.endswith(f"-{digits}.pth")
        assert (one.image_size is None) == (one.classes is None)


def test_the_list(server, tmp_path, capsys):
    cache.cached(AMDEGROOT)
    assert show_weights.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    starts = [line.partition(": ")[0] for line in lines if not line.startswith(" ")]
    assert starts[:-2] == ["tiny", "base", *PUBLISHED]
    assert [line for line in lines if "in the cache" in line] == [
        f"{AMDEGROOT}: SSD300, 20 classes, trained on VOC07+12, in the cache"
    ]
    assert "torchvision:vgg16: base network VGG-16, trained on ImageNet, 528 MiB" in lines
    assert any("mAP 25.1 (coco) on val2017: torchvision/models/detection/ssd.py" in line for line in lines)
    assert any(str(tmp_path / "cache" / "weights") in line for line in lines)
    assert all(len(line) <= 120 for line in lines if str(tmp_path) not in line)
