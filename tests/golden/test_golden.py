"""numpyssd against the golden numbers, and the golden numbers against their rules."""

import ast
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from numpyssd import boxes, kernels
from numpyssd.config import COMPACT, SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY, Config, FeatureMap
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.nms import nms
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.box_coding import decode, encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.scales import caffe_scales, paper_scales
from numpyssd.softmax import softmax
from numpyssd.training import optimizer
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy
from numpyssd.training.matching import match, targets
from numpyssd.training.multibox_loss import multibox_loss
from tests.golden.write import FILES, write

FOLDER = Path(__file__).parent
PRESETS = {
    "ssd300": SSD300,
    "ssd300_coco": SSD300_COCO,
    "ssd512": SSD512,
    "ssd512_coco": SSD512_COCO,
    "tiny": TINY,
    "compact": COMPACT,
}


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def cases(name, dtypes=("float32", "float64"), **wanted):
    """Parametrize a test with every case of a file, and every float type in which it holds."""
    found = []
    for case in load(name)["cases"]:
        if all(case["inputs"][key] == value for key, value in wanted.items()):
            for dtype in sorted(set(case["tolerance"]) & set(dtypes)):
                found.append(
                    pytest.param(case["inputs"], case["expected"], Close(case, dtype), id=f"{case['name']}, {dtype}")
                )
    assert found, f"no case of {name}.json is like that"
    return pytest.mark.parametrize(("inputs", "expected", "close"), found)


class Close:
    """Calling it compares; ``.array`` makes an input of the case's float type."""

    def __init__(self, case, dtype):
        self.dtype, self.tolerance = np.dtype(dtype), case["tolerance"][dtype]

    def array(self, values, *shape):
        return np.asarray(values, self.dtype).reshape(shape or np.shape(values))

    def boxes(self, values):
        return self.array(values, -1, 4)

    def __call__(self, got, expected):
        """|got - expected| <= tolerance * max(1, |expected|), in every number."""
        expected = np.array(numbers(expected), np.float64)
        assert np.size(got) == expected.size
        got, expected = np.ravel(got).astype(np.float64), expected.ravel()
        allowed = np.where(np.isfinite(expected), self.tolerance * np.maximum(1, np.abs(expected)), 0)
        with np.errstate(invalid="ignore"):  # infinity - infinity
            off = ~((got == expected) | (np.abs(got - expected) <= allowed))
        if off.any():
            raise AssertionError(f"{got[off][:4]} should be {expected[off][:4]}, within {self.tolerance}")


def numbers(values):
    return [numbers(part) for part in values] if isinstance(values, list) else float(values)


# The files.


def test_the_command_writes_what_is_committed(tmp_path):
    for path in write(tmp_path):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), f"run python -m tests.golden.write: {path.name}"
    assert {path.name for path in FOLDER.glob("*.json")} == {path.name for path in tmp_path.iterdir()}


def test_the_files_are_small_and_describe_themselves():
    paths = sorted(FOLDER.glob("*.json"))
    assert len(paths) == len(FILES)
    assert all(path.stat().st_size < 100_000 for path in paths)
    assert sum(path.stat().st_size for path in paths) < 1_000_000
    for path in paths:
        file = load(path.stem)
        assert {"what", "source", "units", "cases"} <= set(file)
        names = [case["name"] for case in file["cases"]]
        assert len(names) == len(set(names))
        for case in file["cases"]:
            assert {"name", "inputs", "expected", "tolerance"} <= set(case)
            assert set(case["tolerance"]) <= {"float32", "float64"}


def test_the_rules_know_nothing_of_the_package_nor_of_numpy():
    paths = [*FOLDER.glob("rules/*.py"), *FOLDER.glob("cases/*.py"), FOLDER / "write.py"]
    assert len(paths) > 30
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] in ("numpyssd", "numpy") for name in names), path


def test_every_input_is_exact_in_float32_where_a_case_holds_in_float32():
    def floats(values):
        parts = values.values() if isinstance(values, dict) else values
        return [x for part in parts for x in floats(part)] if isinstance(values, list | dict) else [values]

    options = {"iou_threshold", "nms_threshold", "score_threshold", "lr", "momentum", "weight_decay", "epsilon"}
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem in ("default_boxes", "scales"):
            continue  # these start from float64
        for case in load(path.stem)["cases"]:
            arrays = {key: value for key, value in case["inputs"].items() if key not in options}
            values = np.array([x for x in floats(arrays) if isinstance(x, float)])
            assert (values == values.astype(np.float32)).all() or "float32" not in case["tolerance"], case["name"]


# Numbers that others published or printed, so that the rules are not their own only witness.


def test_default_boxes_that_are_known_from_elsewhere():
    known = {case["name"]: case["expected"] for case in load("default_boxes")["cases"]}
    assert [known[name]["count"] for name in ("ssd300", "ssd512", "ssd300_coco")] == [8732, 24564, 8732]
    # The sums for boxes whose sizes are not cut to whole pixels, calculated from Caffe's scripts by somebody else.
    np.testing.assert_allclose(known["ssd300"]["sums"], [4443.94667] * 2 + [1510.42928] * 2, rtol=1e-8)
    np.testing.assert_allclose(known["ssd300_coco"]["sums"][2:], 1172.19803, rtol=1e-8)
    np.testing.assert_allclose(known["ssd512, fractions of pixels"]["sums"], [12282] * 2 + [3146.14170] * 2, rtol=1e-8)
    np.testing.assert_allclose(known["ssd512_coco, fractions of pixels"]["sums"][2:], 2192.47107, rtol=1e-8)
    first = np.array(known["ssd300"]["boxes"][:4]) * 300
    np.testing.assert_allclose(
        first[:, 2:], [[30, 30], [42.426, 42.426], [42.426, 21.213], [21.213, 42.426]], atol=1e-3
    )
    last = np.array(known["ssd300"]["boxes"][-1]) * 300
    np.testing.assert_allclose(last, [150, 150, 186.676, 373.352], atol=1e-3)


@pytest.mark.parametrize("name", ["ssd300", "ssd300_coco", "ssd512", "ssd512_coco"])
def test_scales_of_caffe_are_those_of_the_presets(name):
    # The released models' own lists: ssd_pascal.py, and ChainerCV's ssd_vgg16.py for 512.
    expected = next(case["expected"] for case in load("scales")["cases"] if case["name"] == name)
    assert expected["scale_px"] == [row.scale_px for row in PRESETS[name].feature_maps]
    assert expected["next_scale_px"] == [row.next_scale_px for row in PRESETS[name].feature_maps]


# The model.


@cases("scales", rule="caffe", dtypes=["float64"])
def test_caffe_scales(inputs, expected, close):
    network = SSD300 if inputs["image_size"] == 300 else SSD512
    found = caffe_scales(network, inputs["lowest"], inputs["highest"], inputs["first"]).feature_maps
    close([row.scale_px for row in found], expected["scale_px"])
    close([row.next_scale_px for row in found], expected["next_scale_px"])


@cases("scales", rule="paper", dtypes=["float64"])
def test_paper_scales(inputs, expected, close):
    network = replace(SSD300, image_size=1, feature_maps=SSD300.feature_maps[: inputs["maps"]])
    found = paper_scales(network, inputs["lowest"], inputs["highest"], first=None).feature_maps
    close([row.scale_px for row in found], expected["scales"])


def test_the_papers_network_is_that_of_the_golden_numbers():
    maps = next(
        case["inputs"]["maps"] for case in load("default_boxes")["cases"] if "the paper's scales" in case["name"]
    )
    found = paper_scales(SSD300).feature_maps
    np.testing.assert_allclose([row.scale_px for row in found], [row["scale_px"] for row in maps])
    np.testing.assert_allclose([row.next_scale_px for row in found], [row["next_scale_px"] for row in maps])


def checksum(boxes):
    """Return the checksum of default_boxes.json, as its file describes it."""
    h = 0
    for q in np.floor(3072 * np.asarray(boxes, np.float64) + 0.5).astype(np.int64).ravel().tolist():
        h = (31 * h + q) % (2**31 - 1)
    return h


@cases("default_boxes", dtypes=["float32"])  # calculated in float64, and handed out in float32
def test_default_boxes(inputs, expected, close):
    maps = tuple(FeatureMap("", **{**row, "aspect_ratios": tuple(row["aspect_ratios"])}) for row in inputs["maps"])
    rules = {key: inputs[key] for key in ("image_size", "whole_pixels", "clip_mode")}
    rules["center_rule"] = inputs["centre_rule"]  # the files keep their spelling: other languages read them
    found = default_boxes(Config(name="", num_classes=2, feature_maps=maps, extra_layers=(), **rules))
    assert len(found) == expected["count"]
    close(found[expected["rows"]], expected["boxes"])
    close(found.sum(axis=0, dtype=np.float64), expected["sums"])
    assert checksum(found) == expected["checksum"]


@pytest.mark.parametrize("name", PRESETS)
def test_the_golden_tables_are_those_of_the_presets(name):
    inputs = next(case["inputs"] for case in load("default_boxes")["cases"] if case["name"] == name)
    rows = [{**vars(row), "aspect_ratios": list(row.aspect_ratios)} for row in PRESETS[name].feature_maps]
    assert inputs["maps"] == [{key: value for key, value in row.items() if key != "name"} for row in rows]
    assert inputs["image_size"] == PRESETS[name].image_size


@cases("iou")
def test_iou(inputs, expected, close):
    a, b = close.boxes(inputs["a"]), close.boxes(inputs["b"])
    found = boxes.iou(a, b)
    assert found.shape == (len(a), len(b))
    close(found, expected["iou"])


@cases("box_coding", operation="encode")
def test_encode(inputs, expected, close):
    close(encode(close.boxes(inputs["boxes"]), close.boxes(inputs["default_boxes"])), expected["loc"])


@cases("box_coding", operation="decode")
def test_decode(inputs, expected, close):
    close(decode(close.boxes(inputs["loc"]), close.boxes(inputs["default_boxes"])), expected["boxes"])


# Training.


@cases("matching")
def test_match(inputs, expected, close):
    gt_boxes, default = close.boxes(inputs["gt_boxes"]), close.boxes(inputs["default_boxes"])
    threshold = inputs["iou_threshold"]
    assert match(gt_boxes, default, threshold).tolist() == expected["matched"]
    loc, conf = targets(gt_boxes, np.array(inputs["gt_labels"], np.int64), default, threshold)
    assert conf.tolist() == expected["conf_targets"]
    close(loc, expected["loc_targets"])


@cases("hard_negative_mining")
def test_hard_negatives(inputs, expected, close):
    found = hard_negatives(close.array(inputs["loss"]), np.array(inputs["positive"]), inputs["ratio"])
    assert found.tolist() == expected["negative"]


@cases("losses", operation="smooth_l1")
def test_smooth_l1(inputs, expected, close):
    value, gradient = smooth_l1(close.array(inputs["x"]))
    close(value, expected["value"])
    close(gradient, expected["gradient"])


@cases("losses", operation="softmax_cross_entropy")
def test_softmax_cross_entropy(inputs, expected, close):
    logits = close.array(inputs["logits"])
    loss, gradient = softmax_cross_entropy(logits, np.array(inputs["labels"]))
    close(loss, expected["loss"])
    close(gradient, expected["gradient"])
    close(softmax(logits), expected["probabilities"])


@cases("multibox_loss")
def test_multibox_loss(inputs, expected, close):
    loc, conf, loc_targets = (close.array(inputs[key]) for key in ("loc", "conf", "loc_targets"))
    options = inputs["alpha"], inputs["negative_ratio"]
    loss, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, np.array(inputs["conf_targets"]), *options)
    close([loss, parts.loc, parts.conf], [expected["loss"], expected["loc_share"], expected["conf_share"]])
    assert [parts.positives, parts.negatives] == [expected["positives"], expected["negatives"]]
    close(dloc, expected["dloc"])
    close(dconf, expected["dconf"])
    trained = np.array(expected["negative"]) | (np.array(inputs["conf_targets"]) > 0)
    assert not dconf[~trained].any()


@cases("sgd")
def test_sgd(inputs, expected, close, backend):
    start = {name: SimpleNamespace(value=close.array(value), grad=None) for name, value in inputs["start"].items()}
    sgd = optimizer.SGD(start, inputs["lr"][0], inputs["momentum"], inputs["weight_decay"])
    for lr, gradients, after in zip(inputs["lr"], inputs["gradients"], expected["after"]):
        sgd.lr = lr
        for name, parameter in start.items():
            parameter.grad = close.array(gradients[name])
        sgd.step()
        for name, parameter in start.items():
            close(parameter.value, after["value"][name])
            close(sgd.velocity[name], after["velocity"][name])


@cases("learning_rate")
def test_learning_rate(inputs, expected, close):
    schedule = getattr(optimizer, inputs["schedule"])
    rates = [schedule(i, inputs["iterations"], inputs["lr"], inputs["warm_up"]) for i in inputs["at"]]
    np.testing.assert_allclose(rates, expected["lr"], rtol=1e-12, atol=1e-18)


# Inference.


@cases("nms")
def test_nms(inputs, expected, close):
    scores = close.array(inputs["scores"])
    kept = nms(close.boxes(inputs["boxes"]), scores, inputs["iou_threshold"], inputs["top_k"])
    assert kept.tolist() == expected["keep"]


@cases("postprocess")
def test_postprocess(inputs, expected, close):
    arrays = (close.array(inputs[key]) for key in ("loc", "conf", "default_boxes"))
    options = {key: inputs[key] for key in ("score_threshold", "nms_threshold", "top_k", "keep_top_k")}
    found = postprocess_explained(*arrays, **options)
    assert found.labels.tolist() == expected["labels"]
    assert found.default_box.tolist() == expected["default_box"]
    close(found.scores, expected["scores"])
    close(found.boxes, expected["boxes"])


@cases("average_precision")
def test_average_precision(inputs, expected, close):
    detections, ground_truth = (
        [(close.boxes(image["boxes"]), np.array(image["labels"], np.int64), np.array(image[third], kind))
         for image in inputs[name]]
        for name, third, kind in (("detections", "scores", np.float64), ("ground_truth", "difficult", bool))
    )  # fmt: skip
    for metric, wanted in expected.items():
        found = average_precision(detections, ground_truth, metric, inputs["iou_threshold"])
        assert list(found.per_class) == [int(label) for label in wanted["per_class"]]
        assert list(found.left_out) == wanted["left_out"]
        close(list(found.per_class.values()), list(wanted["per_class"].values()))
        if wanted["mean"] is None:
            assert np.isnan(found.mean)
        else:
            close(found.mean, wanted["mean"])


# Kernels, in both backends.


@cases("convolution")
def test_convolution(inputs, expected, close, backend):
    x, weight, bias, dout = (close.array(inputs[key]) for key in ("x", "weight", "bias", "dout"))
    options = inputs["stride"], inputs["padding"], inputs["dilation"]
    close(kernels.active.conv2d_forward(x, weight, bias, *options), expected["out"])
    gradients = kernels.active.conv2d_backward(dout, x, weight, *options)
    for name, gradient in zip(("dx", "dweight", "dbias"), gradients):
        close(gradient, expected[name])


@cases("pooling")
def test_pooling(inputs, expected, close, backend):
    x, dout = close.array(inputs["x"]), close.array(inputs["dout"])
    window = inputs["size"], inputs["stride"], inputs["padding"]
    out, winner = kernels.active.maxpool2d_forward(x, *window, inputs["ceil_mode"])
    close(out, expected["out"])
    assert winner.tolist() == expected["winner"]
    close(kernels.active.maxpool2d_backward(dout, winner, x.shape, *window), expected["dx"])


@cases("l2norm")
def test_l2norm(inputs, expected, close, backend):
    x, scale, dout = (close.array(inputs[key]) for key in ("x", "scale", "dout"))
    close(kernels.active.l2norm_forward(x, scale), expected["out"])
    dx, dscale = kernels.active.l2norm_backward(dout, x, scale)
    close(dx, expected["dx"])
    close(dscale, expected["dscale"])


# The comparison itself.


def test_a_comparison_can_fail():
    close = Close({"tolerance": {"float32": 1e-6}}, "float32")
    close([1.0, np.inf], [1.0, "Infinity"])
    for wrong in ([1.001, np.inf], [1.0, -np.inf], [np.nan, np.inf], [1.0, 3e38]):
        with pytest.raises(AssertionError):
            close(wrong, [1.0, "Infinity"])


# The page.


def test_the_page_names_every_file_and_only_cases_that_exist():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.json"):
        assert f"`{path.name}`" in page
    names = {case["name"] for path in FOLDER.glob("*.json") for case in load(path.stem)["cases"]}
    table = page[page.index("| case | who differs") :].split("\n\n")[0].splitlines()[2:]
    for row in table:
        for name in re.findall(r"`([^`…]*)`", row.split("|")[1]):
            assert name in names or f"a recall of exactly {name}" in names, name


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run the page's example with")
@pytest.mark.parametrize(("operator", "code"), [("<= threshold", 0), ("< threshold", 1)])
def test_the_example_of_the_page_runs_and_finds_the_fault(operator, code, tmp_path):
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    script = tmp_path / "check_nms.js"
    script.write_text(page.split("```js\n")[1].split("```")[0].replace("<= threshold", operator), encoding="utf-8")
    result = subprocess.run(["node", script], cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=60)
    lines = result.stdout.splitlines()
    assert (result.returncode, len(lines)) == (code, len(load("nms")["cases"]))
    wrong = [line for line in lines if line.startswith("WRONG")]
    assert any("exactly at the threshold" in line for line in wrong) if code else not wrong
