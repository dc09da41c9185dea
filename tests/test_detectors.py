"""The commands with each rival of SSD: what one trains, all the others read; what one cannot do, it says."""

import json

import numpy as np
import pytest

from numpyssd import detect, evaluate, explore, export, kernels, train
from numpyssd.cli import show_weights
from numpyssd.detectors import NAMES, load_detector, new_detector
from numpyssd.errors import InputError
from numpyssd.images.read import read_image
from numpyssd.reports import report
from numpyssd.run import setup
from numpyssd.run import training_run as loop
from numpyssd.run.recipes import preset_names, presets, recipe_of
from numpyssd.run.settings import read_settings
from numpyssd.weights import load_model, save
from numpyssd.weights.formats.npz import read

RIVALS = [name for name in NAMES if name != "ssd"]
COUNTS = {"train": 6, "test": 2}  # images


def tiny(detector, out, *arguments):
    """Train the smallest network of a detector for four steps."""
    names = ["--tiny", "--detector", detector, "--batch-size", "2", "--width", "0.25", "--iterations", "4"]
    return train.main([*names, "--threads", "1", "--out", str(out), *arguments])


def quiet_report(folder):
    for name in ("curves.png", "report.html"):
        (folder / name).touch()


@pytest.fixture(scope="module", params=RIVALS)
def run(request, tmp_path_factory):
    """The name of a rival and the folder of its run."""
    out = tmp_path_factory.mktemp(request.param) / "run"
    with pytest.MonkeyPatch.context() as patch, kernels.using("cpu"):
        for name, count in COUNTS.items():
            patch.setitem(setup.TINY_COUNTS, name, count)
        assert tiny(request.param, out) == 0
    return request.param, out


@pytest.fixture(autouse=True)
def short(monkeypatch):
    for name, count in COUNTS.items():
        monkeypatch.setitem(setup.TINY_COUNTS, name, count)
    with kernels.using("cpu"):
        yield


def test_a_run_says_whose_it_is_and_its_report_is_whole(run):
    name, out = run
    assert read_settings(out)["detector"] == name
    assert read(out / "best.npz")[0]["detector"] == name
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "mAP" in page
    assert "default boxes" not in page
    assert len((out / "curves.png").read_bytes()) > 5000


def test_what_is_trained_is_what_is_loaded(run):
    name, out = run
    detector = load_detector(out / "last.npz")
    assert detector.model.config.detector == name
    assert detector.model.class_names == ("cross", "ellipse", "rectangle", "ring", "triangle")
    stored = read(out / "last.npz")[1]
    for parameter_name, parameter in detector.model.parameters().items():
        np.testing.assert_array_equal(parameter.value, stored[parameter_name])
    assert {n for n in stored if n.endswith(".mean")} == {
        n for n in detector.model.running_statistics() if n.endswith(".mean")
    }


def test_a_run_that_was_interrupted_ends_with_the_same_bits(run, tmp_path, monkeypatch):
    name, out = run
    monkeypatch.setattr(report, "write_report", quiet_report)
    check = loop.TrainingRun.check_for_stop

    def interrupted(self):
        if self.state.iteration == 2:
            raise KeyboardInterrupt
        check(self)

    monkeypatch.setattr(loop.TrainingRun, "check_for_stop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tiny(name, tmp_path / "parts")
    monkeypatch.setattr(loop.TrainingRun, "check_for_stop", check)
    assert train.main(["--out", str(tmp_path / "parts"), "--resume", "--threads", "2"]) == 0  # --detector is remembered
    whole, parts = (read(folder / "last.npz")[1] for folder in (out, tmp_path / "parts"))
    assert whole.keys() == parts.keys()
    for array_name, array in whole.items():
        np.testing.assert_array_equal(parts[array_name], array, err_msg=array_name)


def test_a_run_of_one_detector_is_not_gone_on_with_as_another(run, capsys):
    name, out = run
    other = next(other for other in NAMES if other != name)
    with pytest.raises(InputError, match=f"--detector {other} contradicts the run in .*, which had {name}"):
        train.main(["--out", str(out), "--resume", "--detector", other])


def test_evaluate_detect_explore_and_weights_take_it(run, tmp_path, capsys):
    name, out = run
    best = str(out / "best.npz")
    assert evaluate.main(["--weights", best, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == COUNTS["test"]
    image = "data/samples/JPEGImages/test_00000.png"
    assert detect.main([image, "--weights", best, "--score", "0", "--json", "--explain", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "test_00000.explain.png").stat().st_size > 5000
    found = json.loads(capsys.readouterr().out)["detections"]
    assert found
    height, width = read_image(image).shape[:2]
    for row in found:
        assert 0 <= row["box"][0] <= row["box"][2] <= width
        assert 0 <= row["box"][1] <= row["box"][3] <= height
        assert 0 <= row["score"] <= 1
    assert explore.main(["--weights", best, "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert f"{NAMES[name]}, tiny" in text
    assert "conv1_1" in text
    assert show_weights.main([best, "--save", str(tmp_path / "copy.npz")]) == 0
    assert NAMES[name] in capsys.readouterr().out
    assert read(tmp_path / "copy.npz")[0]["detector"] == name


def test_what_only_an_ssd_can_do_is_refused_in_a_sentence(run, tmp_path):
    name, out = run
    best = str(out / "best.npz")
    with pytest.raises(InputError, match=f"holds a detector of the kind '{name}'; only an SSD"):
        export.main(["--weights", best, "--onnx", str(tmp_path / "x.onnx")])
    with pytest.raises(InputError, match=f"holds a detector of the kind '{name}'; only an SSD"):
        load_model(best)


def test_the_trunk_of_an_ssd_is_taken_where_it_fits(run, capsys):
    name, _ = run
    options = train.parse(["--tiny", "--detector", name, "--weights", "tiny"])
    dataset, _ = setup.load_data(options)
    detector = setup.make_detector(options, dataset, setup.make_recipe(options))
    ssd = load_model("tiny").parameters()
    ours = detector.model.parameters()
    np.testing.assert_array_equal(ours["conv4_1.weight"].value, ssd["conv4_1.weight"].value)
    assert "re-initialized" in capsys.readouterr().out


def test_a_damaged_description_is_named(run, tmp_path):
    name, out = run
    detector = load_detector(out / "best.npz")
    save(detector.model, tmp_path / "kind.npz", detector="retina")
    with pytest.raises(InputError, match="of the kind 'retina'"):
        load_detector(tmp_path / "kind.npz")
    for changes in ({"image_size": 0}, {"num_classes": "x"}, {"width": 1e300}, {"base_blocks": []}, {"grid": -1}):
        if "grid" in changes and name != "yolo":
            changes = {"map_size": -1}
        description, _ = read(out / "best.npz")
        config = description["config"] | changes
        save(detector.model, tmp_path / "bad.npz", config=config)
        with pytest.raises(InputError, match=r"bad\.npz describes a network that this version cannot build"):
            load_detector(tmp_path / "bad.npz")


def test_presets_and_options_belong_to_their_detector(capsys):
    assert preset_names()[:2] == ["compact", "tiny"]
    assert {"ssd300", "yolo448", "vgg600"} <= set(preset_names())
    for name in NAMES:
        for preset, config in presets(name).items():
            assert config.detector == name
            assert recipe_of(name, preset).batch_size > 0
    with pytest.raises(InputError, match=r"YOLO has no preset ssd300; choose one of compact, tiny, yolo448"):
        setup.make_recipe(train.parse(["--tiny", "--detector", "yolo", "--preset", "ssd300"]))
    for arguments in (["--min-negatives", "5"], ["--box-loss", "giou"], ["--focal-loss", "2"]):
        with pytest.raises(InputError, match=r"changes the loss of SSD; leave it out with --detector yolo"):
            setup.make_recipe(train.parse(["--tiny", "--detector", "yolo", *arguments]))
    with pytest.raises(SystemExit):
        train.parse(["--tiny", "--detector", "yolo", "--fit-default-boxes"])
    assert "YOLO has no default boxes" in capsys.readouterr().err
    assert str(train.parse(["--tiny", "--detector", "yolo"]).out).endswith("tiny_yolo")
    assert new_detector(presets("ssd")["tiny"]).model.config.detector == "ssd"
