"""python -m numpyssd.export: what it says, what it leaves behind, and how it fails; without the onnx package too.

The graphs themselves are tested in tests/onnx_graph by NumPy, and in tests/oracle by ONNX Runtime.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx_numpy
import pytest
from onnx_cases import ODD, blocky_images, expected, lively_model, same_detections

from numpyssd import export
from numpyssd.boxes import iou
from numpyssd.config import TINY
from numpyssd.datasets.shapes import example
from numpyssd.errors import InputError
from numpyssd.files import write_output
from numpyssd.images.preprocess import normalize, resize
from numpyssd.inference.detect import detect
from numpyssd.weights import load_model
from numpyssd.weights.stored_config import config_from_dict

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = "tiny"


@pytest.fixture
def no_onnx(monkeypatch):
    """Whether or not it is installed: None in sys.modules makes an import fail."""
    monkeypatch.setitem(sys.modules, "onnx", None)


@pytest.fixture
def no_need_of_onnx(monkeypatch):
    """In place of ONNX's messages, the names of the graph's outputs and the metadata as JSON."""
    monkeypatch.setattr(export, "to_bytes", lambda graph, metadata: json.dumps([*graph.outputs, metadata]).encode())


def test_without_the_package_a_sentence_says_what_to_type(no_onnx, tmp_path):
    target = tmp_path / "model.onnx"
    with pytest.raises(InputError, match=r"needs the onnx package, .* type: .*python.* -m pip install onnx$"):
        export.main(["--weights", str(WEIGHTS), "--onnx", str(target)])
    assert list(tmp_path.iterdir()) == []


def test_the_exit_code_is_2_and_there_is_one_line(tmp_path):
    (tmp_path / "onnx.py").write_text("raise ImportError('as if it were not installed')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "numpyssd.export", "--onnx", str(tmp_path / "model.onnx"), "--weights"]
    for weights, words in ((WEIGHTS, "pip install onnx"), (tmp_path / "no.npz", "does not exist")):
        result = subprocess.run(
            [*command, str(weights)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1
        assert words in result.stderr


@pytest.mark.parametrize("output", ["raw", "detections"])
def test_what_it_says(output, no_need_of_onnx, tmp_path, capsys):
    target = tmp_path / "new" / "model.onnx"
    assert export.main(["--weights", str(WEIGHTS), "--onnx", str(target), "--output", output]) == 0
    assert [path.name for path in target.parent.iterdir()] == ["model.onnx"]  # nothing temporary is left
    *names, metadata = json.loads(target.read_bytes())
    said = capsys.readouterr().out
    assert "MB, tiny, " in said
    if output == "raw":
        assert names == ["loc", "conf"]
        assert "input images (N, 64, 64, 3) float32\n" in said
        assert "output loc (N, 1504, 4) float32\n" in said
        assert "output conf (N, 1504, 6) float32\n" in said
    else:
        assert names == ["boxes", "labels", "scores"]
        assert "input images (1, 64, 64, 3) float32\n" in said
        assert "output labels (D) int64\n" in said
    assert tuple(json.loads(metadata["class_names"])) == load_model(WEIGHTS).class_names
    assert all(name in metadata["output"] for name in names)


def test_raw_is_the_default(no_need_of_onnx, tmp_path):
    export.main(["--weights", str(WEIGHTS), "--onnx", str(tmp_path / "model.onnx")])
    assert json.loads((tmp_path / "model.onnx").read_bytes())[0] == "loc"


def test_metadata_tells_the_rule_of_the_input_and_the_config():
    config = replace(ODD, resize="float", mean=(1.5, 2.0, 3.0))
    model = lively_model(config)
    model.class_names = ("Äpfel", "b", "c", "d", "e")
    told = export.metadata(model, "raw")
    assert config_from_dict(json.loads(told["config"])) == config
    assert json.loads(json.dumps(asdict(config))) == json.loads(told["config"])
    assert "RGB, 0 to 255" in told["input"]
    assert "100 x 100" in told["input"]
    assert "not rounded" in told["input"]
    assert "Äpfel" in told["class_names"]
    assert all(isinstance(value, str) for value in told.values())
    model.class_names = ("half \ud83d", "安全帽", "\x1b", "d", "e")
    names = export.metadata(model, "raw")["class_names"].encode("utf-8").decode("utf-8")
    assert tuple(json.loads(names)) == model.class_names
    assert "安全帽" in names


def test_every_way_to_resize_has_words():
    for rule in export.RESIZE:
        resize(np.zeros((3, 4, 3), np.uint8), 2, rule)  # or it raises
        assert export.metadata(lively_model(replace(TINY, resize=rule)), "raw")["input"].count(export.RESIZE[rule]) == 1


def test_detections_of_an_image():
    # The committed network on an image of its own kind: the whole graph, by the standard's words.
    model = load_model(WEIGHTS)
    size = model.config.image_size
    image = example(size)[0]  # of the network's size, so that nothing is resized
    loc, conf = model.infer(normalize(image[None], model.config))
    ours = expected(model.config, loc[0], conf[0], {})
    assert len(ours[2]) > 1
    made = onnx_numpy.run(export.build(model, "detections"), images=image[None].astype(np.float32))
    same_detections(ours, (made["boxes"], made["labels"], made["scores"]))
    boxes, labels, scores = next(detect(model, [image]))
    same_detections((boxes / size, labels, scores), (made["boxes"], made["labels"], made["scores"]))


def test_one_label(no_need_of_onnx, tmp_path):
    # A network that has learned nothing finds most classes in every place; with one label no two boxes overlap.
    config = replace(TINY, clip_before_nms=True)
    model, images = lively_model(config), blocky_images(config, 1)
    loc, conf = model.infer(normalize(images, config))
    ours = expected(config, loc[0], conf[0], {"one_label": True})
    made = onnx_numpy.run(export.build(model, "detections", one_label=True), images=images.astype(np.float32))
    assert len(set(ours[1])) > 1
    same_detections(ours, (made["boxes"], made["labels"], made["scores"]))
    assert np.triu(iou(made["boxes"], made["boxes"]), 1).max() <= 0.451
    target = tmp_path / "model.onnx"
    command = ["--weights", WEIGHTS, "--onnx", str(target), "--one-label"]
    assert export.main([*command, "--output", "detections"]) == 0
    assert "NMS across the classes" in json.loads(target.read_bytes())[-1]["output"]
    with pytest.raises(InputError, match="--one-label needs --output detections"):
        export.main(command)


def test_a_network_without_a_reason_to_detect_anything():
    model = lively_model(TINY)
    for layer in model.predictors.conf:
        layer.weight.value[:] = 0
        layer.bias.value[:] = np.tile([50] + [0] * (TINY.num_classes - 1), len(layer.bias.value) // TINY.num_classes)
    made = onnx_numpy.run(export.build(model, "detections"), images=blocky_images(TINY, 1).astype(np.float32))
    assert (made["boxes"].shape, made["labels"].shape, made["scores"].shape) == ((0, 4), (0,), (0,))


# ---- the file --------------------------------------------------------------------------------------------------------


def test_the_target_is_a_folder(no_need_of_onnx, tmp_path):
    with pytest.raises(InputError, match=r"is a folder; give a file in it, such as .*model\.onnx"):
        export.main(["--weights", str(WEIGHTS), "--onnx", str(tmp_path)])


def test_the_folder_is_a_file(tmp_path):
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(InputError, match=r"model\.onnx cannot be written \(.+\); free some space or choose"):
        write_output(tmp_path / "taken" / "model.onnx", b"content", "model.onnx")


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="nothing is forbidden to root")
def test_the_folder_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        write_output(tmp_path / "model.onnx", b"content", "model.onnx")
    tmp_path.chmod(0o700)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    target = tmp_path / "model.onnx"
    write_output(target, b"old", "model.onnx")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        write_output(target, b"new", "model.onnx")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.parametrize("argument", [["--output", "boxes"], ["--onnx"]])
def test_arguments_that_do_not_exist(argument, capsys):
    with pytest.raises(SystemExit) as stopped:
        export.main(["--weights", str(WEIGHTS), "--onnx", "a.onnx", *argument])
    assert stopped.value.code == 2
    assert "usage: python -m numpyssd.export" in capsys.readouterr().err
