"""Weights of others in a run of training: their input rule reaches the batches and the checkpoint, and stays there."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from third_party_files import write_pth
from third_party_networks import NARROW, as_amdegroot, random_model, write

from numpyssd import train, weights
from numpyssd.cli import finish
from numpyssd.config import SSD300
from numpyssd.training.batches import Batches
from numpyssd.weights.recognize import stored_input_rule

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@pytest.fixture(scope="module")
def torchvision_file(tmp_path_factory):
    model = random_model(replace(SSD300, width=NARROW))
    for parameter in model.parameters().values():
        parameter.value *= 0.1
    return write("torchvision", model, tmp_path_factory.mktemp("weights") / "ssd300.pth")


def test_training_sees_what_the_weights_were_trained_on_and_goes_on_so(tmp_path, torchvision_file, monkeypatch):
    means = []
    batch = Batches.batch
    monkeypatch.setattr(Batches, "batch", lambda self, t: (means.append(self.config.mean), batch(self, t))[1])
    monkeypatch.setattr(finish, "finish", lambda *_: None)  # the report, with its figures
    out = tmp_path / "out"
    data = ["--data", str(SAMPLES), "--split", "test", "--val-split", "none", "--out", str(out)]
    more = ["--preset", "ssd300", "--width", str(NARROW), "--batch-size", "1", "--weights", str(torchvision_file)]
    assert train.main([*data, *more, "--iterations", "1"]) == 0
    expected = pytest.approx((122.99925, 116.9991, 103.9992))
    assert means[0] == expected
    assert stored_input_rule(out / "last.npz") == {"mean": expected, "pixel_scale": 1, "resize": "float"}
    assert json.loads((out / "config.json").read_text())["network"]["resize"] == "float"
    means.clear()
    torchvision_file.rename(tmp_path / "moved.pth")  # to go on, it is not needed
    assert train.main(["--out", str(out), "--resume", "--iterations", "2"]) == 0
    assert means == [expected]
    model = weights.load_model(out / "last.npz")
    assert (model.config.mean, model.config.resize) == (expected, "float")
    assert model.config.num_classes == 6


def test_a_checkpoint_without_a_rule_brings_none(tmp_path):
    assert stored_input_rule(tmp_path / "none.npz") == {}
    np.savez(tmp_path / "a.npz", a=np.ones(3))
    assert stored_input_rule(tmp_path / "a.npz") == {}


def test_the_command_tells_what_a_file_is(tmp_path, capsys):
    from numpyssd.cli.show_weights import main

    model = random_model(replace(SSD300, width=NARROW))
    path = write("amdegroot", model, tmp_path / "a.pth")
    assert main([str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        f"{path}: amdegroot's SSD300, 21 classes",
        "input: RGB less (123, 117, 104); resized as OpenCV does",
    ]
    assert "classes: aeroplane, bicycle" in "\n".join(lines)
    assert any(line.split() == ["conv1_2", "vgg.2", "8x8x3x3,", "8", "3x3x8x8,", "8", "loaded"] for line in lines)
    base = {name[4:]: value for name, value in as_amdegroot(model).items() if name.startswith("vgg.")}
    assert main([str(write_pth(tmp_path / "base.pth", base))]) == 0
    assert "a base network: train with it" in capsys.readouterr().out
    weights.save(model, tmp_path / "own.npz")
    assert main([str(tmp_path / "own.npz")]) == 0
    assert "own.npz: a checkpoint of numpyssd" in capsys.readouterr().out


def test_detect_takes_a_third_party_file_as_it_is(tmp_path, capsys):
    from numpyssd import detect

    path = write("caffe", random_model(replace(SSD300, width=NARROW)), tmp_path / "VGG_VOC0712_SSD_300x300.caffemodel")
    (path_of_image,) = SAMPLES.glob("JPEGImages/test_00000.png")
    assert detect.main([str(path_of_image), "--weights", str(path), "--out", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["detections"]
    assert {"aeroplane", "person", "tvmonitor"} | {d["label"] for d in found["detections"]} <= set(
        weights.load_model(path).class_names
    )


@pytest.mark.parametrize("kind", ["caffe", "chainercv"])
def test_evaluating_a_published_file_on_voc_layout(tmp_path, capsys, kind):
    """The way of VOC2007 and the published weights, on files of their layouts: what it finds itself is the truth."""
    from numpyssd import evaluate
    from numpyssd.datasets.voc.writer import write_split
    from numpyssd.images.read import read_image
    from numpyssd.inference.detect import detect as detections

    network = random_model(replace(SSD300, width=NARROW), seed=4)
    for name, parameter in network.parameters().items():
        if name.endswith(".weight"):
            parameter.value *= 0.1  # so that nothing overflows, nor is sure of itself
    path = write(kind, network, tmp_path / "published.bin")
    model = weights.load_model(path)
    items = []
    for file in sorted(SAMPLES.glob("JPEGImages/*.png"))[:3]:
        image = read_image(file)
        boxes, labels, _ = (part[:20] for part in next(detections(model, [image])))
        whole = np.rint(boxes).astype(int)
        kept = (whole[:, 2:] - whole[:, :2]).min(axis=1) >= 12
        count = int(kept.sum())
        items.append((file.stem, image, whole[kept], labels[kept], np.zeros(count, bool), np.zeros(count, bool)))
    assert sum(len(item[2]) for item in items) > 3
    write_split(tmp_path / "VOC2007", "test", items, model.class_names)
    data = ["--data", str(tmp_path / "VOC2007"), "--split", "test"]
    command = ["--weights", str(path), *data, "--metric", "voc07", "--json"]
    assert evaluate.main(command) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["mAP"] > 0.5
    assert set(answer["per_class"]) <= set(model.class_names)
