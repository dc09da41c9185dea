import io
import json
import os
import pickle
import shutil
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from short_run import THIN

from numpyssd import weights
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.weights import stored_config
from numpyssd.weights.formats import npz

NAMES = ("ellipse", "ring", "naïve $name", "triangle", "cross")


def contents(model):
    arrays = {name: parameter.value for name, parameter in model.parameters().items()}
    return arrays | {name: layer.running[key] for name, (layer, key) in model.running_statistics().items()}


@pytest.fixture(scope="module")
def model():
    model = SSD(THIN, seed=4)
    rng = np.random.default_rng(0)
    for array in contents(model).values():
        array[...] = rng.uniform(0.1, 1, array.shape)
    model.class_names = NAMES
    return model


@pytest.fixture(scope="module")
def written(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "model.npz"
    weights.save(model, path, iteration=7)
    return path


@pytest.fixture
def checkpoint(written, tmp_path):
    return shutil.copy(written, tmp_path / "model.npz")


def rewritten(checkpoint, change):
    """Write the file again with a change: a function that may alter its arrays and its description."""
    description, arrays = npz.read(checkpoint)
    description = change(arrays, description) or description
    with open(checkpoint, "wb") as file:
        np.savez(file, description=np.array(json.dumps(description)), **arrays)
    return checkpoint


# ---- the round trip --------------------------------------------------------------------------------------------------


def test_a_model_comes_back_as_it_was(model, checkpoint, rng):
    again = weights.load_model(checkpoint)
    assert again.config == model.config
    assert again.class_names == NAMES
    before, after = contents(model), contents(again)
    assert list(before) == list(after)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
        assert after[name].dtype == array.dtype
    assert any("variance" in name for name in before)
    x = rng.normal(size=(1, 64, 64, 3)).astype(np.float32)
    for a, b in zip(model.forward(x), again.forward(x)):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("config", [SSD300, SSD512, TINY], ids=lambda config: config.name)
def test_a_config_survives_json(config):
    assert stored_config.config_from_dict(json.loads(json.dumps(asdict(config)))) == config


def test_the_file_is_plain_arrays_that_numpy_alone_can_read(model, checkpoint):
    with np.load(checkpoint, allow_pickle=False) as file:
        description = json.loads(str(file["description"]))
        np.testing.assert_array_equal(file["conv1_1.weight"], model.parameters()["conv1_1.weight"].value)
    assert description["format"] == "numpyssd 1"
    assert description["class_names"] == list(NAMES)
    assert description["iteration"] == 7
    assert description["config"]["image_size"] == 64


def test_without_names_the_classes_are_numbered(tmp_path):
    model = SSD(THIN)
    weights.save(model, tmp_path / "a.npz")
    assert weights.load_model(tmp_path / "a.npz").class_names == tuple(f"class {i}" for i in range(1, 6))


def test_score_thresholds_come_back_and_an_earlier_file_has_none(model, checkpoint, tmp_path, monkeypatch):
    assert weights.load_model(checkpoint).score_thresholds is None
    monkeypatch.setattr(model, "score_thresholds", tuple(np.float32([0, 0.25, 0.5, 0.75, 1])))
    weights.save(model, tmp_path / "a.npz")
    assert weights.load_model(tmp_path / "a.npz").score_thresholds == (0.0, 0.25, 0.5, 0.75, 1.0)
    weights.save(weights.load_model(tmp_path / "a.npz"), tmp_path / "b.npz")
    assert weights.load_model(tmp_path / "b.npz").score_thresholds == (0.0, 0.25, 0.5, 0.75, 1.0)

    def as_before(_, description):
        del description["score_thresholds"]

    assert weights.load_model(rewritten(checkpoint, as_before)).score_thresholds is None
    assert weights.load_model("tiny").score_thresholds is None


def test_thresholds_are_stored_in_a_file_and_all_else_stays(model, tmp_path, monkeypatch):
    weights.save(model, tmp_path / "a.npz", extra_arrays={"velocity/x": np.ones(3)}, state={"iteration": 2})
    before, arrays = npz.read(tmp_path / "a.npz")
    npz.store_score_thresholds(tmp_path / "a.npz", np.float64([0.1, 0.2, 0.3, 0.4, 0.5]))
    after, arrays_after = npz.read(tmp_path / "a.npz")
    assert after == before | {"score_thresholds": [0.1, 0.2, 0.3, 0.4, 0.5]}
    assert list(arrays) == list(arrays_after)
    for name, array in arrays.items():
        np.testing.assert_array_equal(arrays_after[name], array)
    npz.store_score_thresholds(tmp_path / "a.npz", None)
    assert npz.read(tmp_path / "a.npz")[0] == before
    with pytest.raises(InputError, match="does not exist"):
        npz.store_score_thresholds(tmp_path / "b.npz", None)
    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(InputError, match="a.npz cannot be written"):
        npz.store_score_thresholds(tmp_path / "a.npz", [0.5] * 5)
    assert npz.read(tmp_path / "a.npz")[0] == before


def test_weights_of_another_network_bring_no_score_thresholds(model, tmp_path, monkeypatch):
    # They were measured with its conf predictors; training goes on from the weights, and measures its own at the end.
    monkeypatch.setattr(model, "score_thresholds", (0.5,) * 5)
    weights.save(model, tmp_path / "a.npz")
    other = SSD(THIN)
    weights.load(other, tmp_path / "a.npz")
    assert other.score_thresholds is None


def test_extra_arrays_ride_along_and_load_model_does_not_mind(model, tmp_path):
    weights.save(model, tmp_path / "a.npz", extra_arrays={"velocity/x": np.ones(3)}, state={"iteration": 2})
    description, arrays = npz.read(tmp_path / "a.npz")
    np.testing.assert_array_equal(arrays["velocity/x"], np.ones(3))
    assert description["state"] == {"iteration": 2}
    weights.load_model(tmp_path / "a.npz")


# ---- writing ---------------------------------------------------------------------------------------------------------


def disk_full(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["savez", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(model, checkpoint, monkeypatch, step):
    old = checkpoint.read_bytes()
    monkeypatch.setattr(np if step == "savez" else os, step, disk_full)
    with pytest.raises(InputError, match=r"model.npz cannot be written \(No space left on device\); free some space"):
        weights.save(model, checkpoint)
    assert checkpoint.read_bytes() == old
    assert os.listdir(checkpoint.parent) == ["model.npz"]


def test_an_interruption_in_the_middle_leaves_the_old_file(model, checkpoint, monkeypatch):
    old = checkpoint.read_bytes()

    def half(file, **_):
        file.write(b"PK half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(KeyboardInterrupt):
        weights.save(model, checkpoint)
    assert checkpoint.read_bytes() == old
    assert os.listdir(checkpoint.parent) == ["model.npz"]


def test_folders_are_made_and_a_file_in_their_place_is_named(model, tmp_path):
    weights.save(model, tmp_path / "a" / "b" / "c.npz")
    assert os.listdir(tmp_path / "a" / "b") == ["c.npz"]
    with pytest.raises(InputError, match="d.npz cannot be written"):
        weights.save(model, tmp_path / "a" / "b" / "c.npz" / "d.npz")
    with pytest.raises(InputError, match="a cannot be written"):
        weights.save(model, tmp_path / "a")  # a folder


# ---- files that are not what they should be --------------------------------------------------------------------------


def message(path):
    with pytest.raises(InputError) as caught:
        weights.load_model(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text


def test_missing_files_and_folders(tmp_path, checkpoint):
    assert "does not exist; give a file" in message(tmp_path / "no.npz")
    assert "does not exist" in message(checkpoint / "within.npz")
    assert f"is a folder; give the file of weights in it, such as {checkpoint}" in message(tmp_path)
    checkpoint.rename(tmp_path / "other")
    assert f"such as {tmp_path / 'best.npz'}" in message(tmp_path)


@pytest.mark.parametrize(
    "data",
    [b"hello", b"\0" * 500, b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x89PNG\r\n\x1a\n", b"{}", "é".encode() * 99],
    ids=repr,
)
def test_other_files(tmp_path, data):
    path = tmp_path / "odd.npz"
    path.write_bytes(data)
    assert "is not a numpyssd checkpoint, or is damaged" in message(path)


def test_a_single_array_and_the_arrays_of_others(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(3))
    assert "is not a numpyssd checkpoint" in message(tmp_path / "array.npy")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    assert "is not a numpyssd checkpoint" in message(tmp_path / "other.npz")
    np.savez(tmp_path / "text.npz", description=np.array("[1]"))
    assert "is not a checkpoint of this version (numpyssd 1)" in message(tmp_path / "text.npz")
    np.savez(tmp_path / "new.npz", description=np.array('{"format": "numpyssd 99"}'))
    assert "of this version" in message(tmp_path / "new.npz")
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as file:
        file.writestr("readme.txt", "no arrays")
    assert "is not a numpyssd checkpoint" in message(tmp_path / "zip.npz")


@pytest.mark.parametrize("fraction", [0.01, 0.3, 0.9, 0.999])
def test_truncated_files(checkpoint, fraction):
    data = checkpoint.read_bytes()
    checkpoint.write_bytes(data[: int(fraction * len(data))])
    assert "damaged" in message(checkpoint)


def test_a_flipped_bit_is_noticed_wherever_it_matters(model, checkpoint, rng):
    data = bytearray(checkpoint.read_bytes())
    refused = 0
    for place in rng.integers(len(data), size=40):
        damaged = data.copy()
        damaged[place] ^= 1 << int(rng.integers(8))
        checkpoint.write_bytes(damaged)
        try:
            again = weights.load_model(checkpoint)
        except InputError:
            refused += 1
        else:  # a date or the like: then everything is as it was
            for name, array in contents(model).items():
                np.testing.assert_array_equal(contents(again)[name], array)
    assert refused > 20


class Bomb:
    def __reduce__(self):
        return os.mkdir, (str(self.place),)

    def __init__(self, place):
        self.place = place


def test_pickles_are_refused_and_nothing_in_them_is_executed(checkpoint, tmp_path):
    bomb = Bomb(tmp_path / "executed")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(bomb))
    assert "is a pickle, and none that torch.save wrote" in message(tmp_path / "pickle.npz")
    inside = io.BytesIO()
    np.save(inside, np.array([bomb], object), allow_pickle=True)
    with zipfile.ZipFile(checkpoint, "a") as file:
        file.writestr("extra.npy", inside.getvalue())
    assert "is not a numpyssd checkpoint" in message(checkpoint)
    assert not (tmp_path / "executed").exists()
    pickle.loads(pickle.dumps(bomb))
    assert (tmp_path / "executed").exists()  # so it would have been seen


@pytest.mark.parametrize("name", ["conv1_1.weight", "conf.0.bias", "conv1_1_bn.mean"])
def test_an_array_that_is_missing_or_of_another_shape_or_kind(checkpoint, name):
    original = npz.read(checkpoint)[1][name]
    for other in (None, original[:1] if name != "conv1_1.weight" else original[..., :1], original.astype("U8")):

        def change(arrays, _, other=other):
            arrays.pop(name, None)
            if other is not None:
                arrays[name] = other

        assert f"lacks {name}" in message(rewritten(checkpoint, change))


@pytest.mark.parametrize("name", ["loc.1.weight", "conv1_1_bn.variance"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite(checkpoint, name, value):
    def change(arrays, _):
        arrays[name].flat[-1] = value

    assert f"holds weights that are not finite, first in {name}" in message(rewritten(checkpoint, change))


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("config", None, "describes a network that this version cannot build"),
        ("config", {"image_size": 64}, "describes a network that this version cannot build"),
        ("config", asdict(THIN) | {"invented": 1}, "describes a network that this version cannot build"),
        ("config", asdict(THIN) | {"width": "x"}, "describes a network that this version cannot build"),
        ("config", asdict(THIN) | {"num_classes": 9}, "lacks conf.0.weight"),
        ("class_names", ["one"], "names 1 classes for a network of 5"),
        ("score_thresholds", [0.5] * 4, "has score_thresholds that cannot be used (a list of 4, for 5 classes)"),
        ("score_thresholds", [0.5] * 6, "(a list of 6, for 5 classes)"),
        ("score_thresholds", [], "(a list of 0, for 5 classes)"),
        ("score_thresholds", 0.5, "(no list, for 5 classes)"),
        ("score_thresholds", {"ring": 0.5}, "(no list, for 5 classes)"),
        ("score_thresholds", [0.5] * 4 + [float("nan")], "(nan for label 5, which is no number from 0 to 1)"),
        ("score_thresholds", [-0.1] + [0.5] * 4, "(-0.1 for label 1, which is no number from 0 to 1)"),
        ("score_thresholds", [0.5, 1.5, 0.5, 0.5, 0.5], "(1.5 for label 2, which is no number from 0 to 1)"),
        ("score_thresholds", [0.5, True, 0.5, 0.5, 0.5], "(True for label 2, which is no number from 0 to 1)"),
        ("score_thresholds", [0.5, "0.5", 0.5, 0.5, 0.5], "(0.5 for label 2, which is no number from 0 to 1)"),
        ("score_thresholds", [0.5, None, 0.5, 0.5, 0.5], "(None for label 2, which is no number from 0 to 1)"),
    ],
)
def test_a_description_that_does_not_fit(checkpoint, key, value, part):
    assert part in message(rewritten(checkpoint, lambda _, description: description | {key: value}))


# ---- loading into another network ------------------------------------------------------------------------------------


def test_another_number_of_classes_leaves_only_the_conf_predictors(model, checkpoint):
    other = SSD(replace(THIN, num_classes=4), seed=9)
    fresh = {name: array.copy() for name, array in contents(other).items()}
    report = weights.load(other, checkpoint)
    conf = [name for name in fresh if name.startswith("conf.")]
    assert len(conf) == 10
    assert report.reinitialized == conf
    assert report.skipped == conf
    assert sorted(report.loaded + conf) == sorted(fresh)
    for name, array in contents(other).items():
        np.testing.assert_array_equal(array, fresh[name] if name in conf else contents(model)[name])
    lines = str(report).splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["layer", "in", "the", "file", "here"],
        ["conv1_1", "3x3x3x8,", "8", "3x3x3x8,", "8", "loaded"],
    ]
    assert lines[-4].split() == ["conf.4", "3x3x32x24,", "24", "3x3x32x16,", "16", "re-initialized"]
    assert lines[-3:] == [
        f"loaded: {len(fresh) - 10} (conv1_1.weight, conv1_1.bias, conv1_1_bn.scale, conv1_1_bn.shift, conv2_1.weight,"
        " conv2_1.bias, …)",
        "skipped: 10 (conf.0.weight, conf.0.bias, conf.1.weight, conf.1.bias, conf.2.weight, conf.2.bias, …)",
        "re-initialized: 10 (conf.0.weight, conf.0.bias, conf.1.weight, conf.1.bias, conf.2.weight, conf.2.bias, …)",
    ]


def test_the_same_network_loads_completely(checkpoint):
    report = weights.load(SSD(THIN), checkpoint)
    assert report.skipped == report.reinitialized == []
    assert str(report).endswith("skipped: 0\nre-initialized: 0")


def test_a_file_of_which_nothing_fits(tmp_path, checkpoint):
    def change(arrays, _):
        for name in list(arrays):
            arrays[f"odd/{name}"] = arrays.pop(name)

    with pytest.raises(InputError, match="has no layer that fits the network tiny; its first are odd/conv1_1.weight"):
        weights.load(SSD(THIN), rewritten(checkpoint, change))


# ---- configs of earlier versions -------------------------------------------------------------------------------------

EARLIER = {
    "center_rule": "centre_rule",
    "predictor_init_scale": "predictor_gain",
    "bottleneck_channels": "narrow",
    "output_channels": "wide",
}


def test_a_config_in_the_words_of_an_earlier_version_is_read(model, checkpoint):
    def as_before(arrays, description):
        config = {EARLIER.get(name, name): value for name, value in description["config"].items()}
        rows = [{EARLIER.get(name, name): value for name, value in row.items()} for row in config["extra_layers"]]
        assert {"centre_rule", "predictor_gain"} < set(config)
        assert {"narrow", "wide"} < set(rows[0])
        return description | {"config": config | {"extra_layers": rows}}

    assert weights.load_model(rewritten(checkpoint, as_before)).config == THIN


def test_the_built_in_network_is_a_file_of_an_earlier_version():
    path = Path(weights.__file__).with_name("tiny.npz")
    stored = npz.read(path)[0]["config"]
    assert "predictor_gain" in stored
    assert {"narrow", "wide"} < set(stored["extra_layers"][0])
    assert weights.load_model("tiny").config == TINY
