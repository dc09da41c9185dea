"""python -m numpyssd.export, by what runs such files: ONNX Runtime, and ONNX's own evaluator."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from onnx_cases import (
    NETWORKS,
    blocky_images,
    close,
    detections_graph,
    expected,
    layer_graph,
    lively_model,
    one_map,
    outputs,
    same_detections,
    single_layers,
)
from torchvision.models.detection import ssd300_vgg16

from numpyssd import export
from numpyssd.config import COMPACT, SSD300, SSD300_COCO, SSD512, TINY
from numpyssd.images.preprocess import normalize, resize
from numpyssd.images.read import read_image
from numpyssd.inference.detect import detect
from numpyssd.onnx_graph.file import to_bytes
from numpyssd.weights import load_model, save
from numpyssd.weights.stored_config import config_from_dict

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = "tiny"


def session(content):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def runtime(graph):
    """Return a function of the graph's inputs: what ONNX Runtime makes of its outputs."""
    running = session(to_bytes(graph, {}))
    return lambda **inputs: running.run(None, inputs)


def evaluator(graph):
    """Return the same with ONNX's own evaluator, slow and made to be read."""
    running = ReferenceEvaluator(onnx.load_from_string(to_bytes(graph, {})))
    return lambda **inputs: running.run(None, inputs)


# ---- layers and networks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [runtime, evaluator])
@pytest.mark.parametrize("name", single_layers())
def test_a_layer(name, engine):
    layer, x = single_layers()[name]
    graph, _, out = layer_graph(layer, x)
    (theirs,) = engine(graph)(x=np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    close(out, theirs.transpose(0, 2, 3, 1))


PRESETS = {
    **NETWORKS,
    "tiny": TINY,
    "compact": replace(COMPACT, width=0.125),
    "ssd300": replace(SSD300, width=0.25),
    "ssd300_coco": replace(SSD300_COCO, width=0.125),
    "ssd512": replace(SSD512, width=0.125),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_network(name):
    model = lively_model(PRESETS[name])
    images = blocky_images(model.config, 3)
    loc, conf = model.infer(normalize(images, model.config))
    run = runtime(export.build(model))
    for rows in (slice(0, 3), slice(1, 2)):  # one file for any batch
        their_loc, their_conf = run(images=images[rows].astype(np.float32))
        close(loc[rows], their_loc)
        close(conf[rows], their_conf)
    ours = expected(model.config, loc[0], conf[0], {})
    assert len(ours[2]) == 200
    theirs = runtime(export.build(model, "detections"))(images=images[:1].astype(np.float32))
    same_detections(ours, theirs, order_matters=False)


# ---- detections ------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")  # the numbers that are broken
@pytest.mark.parametrize("engine", [runtime, evaluator])
@pytest.mark.parametrize("name", outputs())
def test_detections_are_those_of_postprocess(name, engine):
    config, loc, conf, options = outputs()[name]
    theirs = engine(detections_graph(config, **options))(loc=loc[None], conf=conf[None])
    same_detections(expected(config, loc, conf, options), theirs)


@pytest.mark.parametrize(("threshold", "left"), [(0.26, 2), (0.25, 2), (0.24, 1)])
def test_an_iou_at_the_threshold(threshold, left):
    graph = detections_graph(one_map((25, 100)), score_threshold=0.5, nms_threshold=threshold)
    conf = np.log(np.float32([[[0.1, 0.8, 0.1], [0.1, 0.7, 0.2]]]))
    boxes, labels, scores = runtime(graph)(loc=np.zeros((1, 2, 4), np.float32), conf=conf)
    assert (len(boxes), len(labels), len(scores)) == (left,) * 3


# ---- the command -----------------------------------------------------------------------------------------------------


def command(weights, target, *options):
    line = [sys.executable, "-m", "numpyssd.export", "--weights", str(weights), "--onnx", str(target), *options]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("output", ["raw", "detections"])
def test_the_committed_network_on_real_images(output, tmp_path):
    target = tmp_path / "tiny.onnx"
    result = command(WEIGHTS, target, "--output", output)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"{target}: {target.stat().st_size / 1e6:.1f} MB" in result.stdout
    onnx.checker.check_model(str(target), full_check=True)

    model, running = load_model(WEIGHTS), session(str(target))
    size = model.config.image_size
    images = [read_image(path) for path in sorted((ROOT / "data" / "samples" / "JPEGImages").glob("*.png"))]
    resized = np.stack([resize(image, size, model.config.resize) for image in images])
    if output == "raw":
        for ours, theirs in zip(
            model.infer(normalize(resized, model.config)), running.run(None, {"images": resized.astype(np.float32)})
        ):
            close(ours, theirs)
        return
    for image, pixels in zip(images, resized):
        boxes, labels, scores = next(detect(model, [image]))
        assert len(scores)
        width_height = np.tile(image.shape[1::-1], 2)
        theirs = running.run(["boxes", "labels", "scores"], {"images": pixels[None].astype(np.float32)})
        same_detections((boxes / width_height, labels, scores), theirs)


def test_a_file_of_torchvision_detects_as_torchvision_does(tmp_path):
    # Random weights, with predictors brought to a spread at which some scores stand out and boxes reach the border.
    torch.manual_seed(0)
    theirs = ssd300_vgg16(weights=None, weights_backbone=None, num_classes=6).eval()
    image = blocky_images(SSD300, 1)[0]  # 300 x 300 pixels, so that neither of the two resizes it
    planes = torch.from_numpy(image.transpose(2, 0, 1) / np.float32(255))
    with torch.no_grad():
        raw = theirs.head(list(theirs.backbone(theirs.transform([planes])[0].tensors).values()))
        for part, values, spread in (
            (theirs.head.classification_head, raw["cls_logits"], 2),
            (theirs.head.regression_head, raw["bbox_regression"], 3),
        ):
            for layer in part.module_list:
                layer.weight *= spread / values.std()
                layer.bias.zero_()
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    result = command(tmp_path / "theirs.pth", tmp_path / "a.onnx", "--output", "detections")
    note = "note: the file names no classes; name its 5 in the order of their labels with --class-names\n"
    assert (result.returncode, result.stderr) == (0, note)

    with torch.no_grad():
        found = theirs([planes])[0]
    assert len(found["scores"]) == 200
    ours = session(str(tmp_path / "a.onnx")).run(None, {"images": image[None].astype(np.float32)})
    expected = found["boxes"].numpy() / 300, found["labels"].numpy(), found["scores"].numpy()
    same_detections(expected, ours, order_matters=False)


def test_the_file_says_what_it_is(tmp_path):
    config = replace(NETWORKS["odd, normalized"], width=0.25)
    model = lively_model(config)
    model.class_names = ("one", "zwei", "três", "四", "fünf")
    save(model, tmp_path / "weights.npz")
    assert command(tmp_path / "weights.npz", tmp_path / "a.onnx", "--output", "detections").returncode == 0
    told = session(str(tmp_path / "a.onnx")).get_modelmeta()
    assert told.producer_name == "numpyssd"
    values = told.custom_metadata_map
    assert tuple(json.loads(values["class_names"])) == model.class_names
    assert config_from_dict(json.loads(values["config"])) == config
    assert "RGB" in values["input"]

    written = onnx.load(tmp_path / "a.onnx")
    assert {node.domain for node in written.graph.node} == {""}  # operators of the standard and no others
    assert [(entry.domain, entry.version) for entry in written.opset_import] == [("", 13)]
    assert written.ir_version == 7


def test_one_line_for_what_a_user_can_mend(tmp_path):
    (tmp_path / "file").touch()
    for weights, target, words in (
        (tmp_path / "no.npz", tmp_path / "a.onnx", "does not exist"),
        (WEIGHTS, tmp_path / "file" / "a.onnx", "cannot be written"),
        (WEIGHTS, tmp_path, "is a folder"),
    ):
        result = command(weights, target)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1
        assert words in result.stderr
