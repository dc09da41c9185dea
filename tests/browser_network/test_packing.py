"""Weights as bytes: what comes back in JavaScript, what that costs, and what is refused."""

import numpy as np
import pytest

from benchmarks.browser import as_stored
from numpyssd.browser.network import describe
from numpyssd.browser.packing import pack, to_base64, unpack
from tests.browser_network.models import OTHER, random_model
from tests.browser_network.node import JavaScriptError

STORAGES = ("float32", "float16", "int8")


@pytest.fixture
def tensors():
    rng = np.random.default_rng(0)
    weight = rng.normal(0, 0.05, (3, 3, 5, 7)).astype(np.float32)
    weight[..., 1] *= 1e6  # over what half precision holds
    weight[..., 2] *= 1e-7  # under it
    weight[..., 3] = 0
    weight[..., 4] *= 1e-42  # so small that single precision has few digits left
    return {"a.weight": weight, "a.bias": rng.normal(0, 100, 7).astype(np.float32), "b.weight": weight[:1, :1, :, :3]}


@pytest.mark.parametrize("storage", STORAGES)
def test_javascript_reads_what_python_reads(node, tensors, storage):
    entries, content = pack(tensors, storage)
    node.call("network/packing.js", "decodeBase64", to_base64(content), keep="buffer")
    for name, array in unpack(entries, content).items():
        found = node.call("network/packing.js", "unpackTensor", name, entries[name], {"kept": "buffer"})
        assert found["shape"] == list(tensors[name].shape)
        np.testing.assert_array_equal(found["data"], array.ravel())


@pytest.mark.parametrize(("storage", "error"), [("float32", 0), ("float16", 2.0**-11), ("int8", 0.5 / 127)])
def test_an_error_is_small_beside_the_largest_weight_of_its_channel(tensors, storage, error):
    entries, content = pack(tensors, storage)
    found = unpack(entries, content)
    for name, array in tensors.items():
        largest = np.abs(array).max(axis=tuple(range(array.ndim - 1)))
        usual = largest > 1e-30
        assert (np.abs(found[name] - array)[..., usual] <= 1.001 * error * largest[usual]).all()
        assert np.abs(found[name][..., ~usual]).max(initial=0) <= 1e-30
    np.testing.assert_array_equal(found["a.bias"], tensors["a.bias"])


def test_weights_of_half_precision_stay_what_they_are():
    weight = np.random.default_rng(0).normal(0, 0.1, (3, 3, 8, 16)).astype(np.float16).astype(np.float32)
    entries, content = pack({"a.weight": weight}, "float16")
    np.testing.assert_array_equal(unpack(entries, content)["a.weight"], weight)


def test_a_storage_takes_as_many_bytes_as_it_says(tensors):
    count = sum(array.size for array in tensors.values())
    sizes = {storage: len(pack(tensors, storage)[1]) / count for storage in STORAGES}
    assert sizes["float32"] == 4
    assert sizes["float16"] < 2.4
    assert sizes["int8"] < 1.4


def unpacked(node, entry, content):
    return node.call("network/packing.js", "unpackTensor", "a.weight", entry, content)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("storage", ["float32", "float16"])
def test_says_which_weights_are_not_finite(node, value, storage):
    weight = np.ones((1, 1, 2, 2), np.float32)
    entries, content = pack({"a.weight": weight}, storage)
    stored = np.frombuffer(content, storage, 4, entries["a.weight"]["offset"]).copy()
    stored[2] = value
    damaged = stored.tobytes() + content[stored.nbytes :]
    with pytest.raises(JavaScriptError, match="The weights a.weight hold numbers that are not finite"):
        unpacked(node, entries["a.weight"], damaged)


def test_says_where_a_file_is_cut_short(node, tensors):
    entries, content = pack(tensors)
    with pytest.raises(JavaScriptError, match="The weights end before a.weight"):
        unpacked(node, entries["a.weight"], content[:100])
    with pytest.raises(JavaScriptError, match="The weights end before a.weight"):
        unpacked(node, entries["a.weight"], content[: entries["a.weight"]["scale_offset"]])


def test_says_what_it_cannot_read(node, tensors):
    entries, content = pack(tensors)
    with pytest.raises(JavaScriptError, match="stored as float8, which this page cannot read"):
        unpacked(node, entries["a.weight"] | {"storage": "float8"}, content)


def test_a_folded_network_is_the_same_network():
    model = random_model(OTHER)
    x = np.random.default_rng(0).normal(0, 1, (1, 96, 96, 3)).astype(np.float32)
    for storage, error in (("float32", 1e-5), ("float16", 2e-3), ("int8", 0.1)):
        stored, size = as_stored(model, storage)
        for found, wanted in zip(stored.infer(x), model.infer(x)):
            assert np.abs(found - wanted).max() < error * np.abs(wanted).max()
        assert size == 4 * -(-len(describe(model, "best.npz", storage)[1]) // 3)  # four letters for three bytes
