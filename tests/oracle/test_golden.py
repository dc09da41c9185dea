"""The golden numbers against torch, torchvision and pycocotools: where they agree, and where they differ by design.

Nothing of numpyssd is compared here, only the files of tests/golden.
"""

import contextlib
import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch.nn import functional
from torchvision import ops
from torchvision.models.detection import ssd
from torchvision.models.detection._utils import BoxCoder, SSDMatcher
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator

FOLDER = Path(__file__).parents[1] / "golden"
CODER = BoxCoder(weights=(10.0, 10.0, 5.0, 5.0))


def cases(name):
    """Return name -> case of a file."""
    return {case["name"]: case for case in json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["cases"]}


def each(name, **wanted):
    """Parametrize a test with every case of a file."""
    found = [case for case in cases(name).values() if wanted.items() <= case["inputs"].items()]
    return pytest.mark.parametrize("case", found, ids=lambda case: case["name"])


def tensor(values, *shape):
    array = torch.tensor(np.array(values, np.float64))
    return array.reshape(shape) if shape else array


def xyxy(values):
    return ops.box_convert(tensor(values, -1, 4), "cxcywh", "xyxy")


def close(got, expected, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(got, np.float64), np.asarray(expected, np.float64), tolerance, tolerance)


def differs(got, expected):
    """Whether two answers are not the same, to six digits."""
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    return got.shape != expected.shape or not np.allclose(got, expected, 1e-6, 1e-6)


# Default boxes.

RATIOS_300, RATIOS_512 = [[2], [2, 3], [2, 3], [2, 3], [2], [2]], [[2], [2, 3], [2, 3], [2, 3], [2, 3], [2], [2]]
NETWORKS = {
    "ssd300": ([0.1, 0.2, 0.37, 0.54, 0.71, 0.88, 1.05], RATIOS_300),
    "ssd300_coco": ([0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05], RATIOS_300),  # those of torchvision's ssd300_vgg16
    "ssd512": ([0.07, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05], RATIOS_512),
    "ssd512_coco": ([0.04, 0.1, 0.26, 0.42, 0.58, 0.74, 0.9, 1.06], RATIOS_512),
}


def torchvision_boxes(case, network, clip):
    scales, ratios = NETWORKS[network]
    maps, size = case["inputs"]["maps"], case["inputs"]["image_size"]
    generator = DefaultBoxGenerator(ratios, scales=scales, steps=[m["step"] for m in maps], clip=clip)
    return generator._grid_default_boxes([[m["size"]] * 2 for m in maps], [size, size], torch.float64).numpy()


def same_boxes(found, expected):
    if len(found) != expected["count"] or differs(found[expected["rows"]], expected["boxes"]):
        return False
    h = 0
    for q in np.floor(3072 * found.ravel() + 0.5).astype(int).tolist():
        h = (31 * h + q) % (2**31 - 1)
    return h == expected["checksum"] and np.allclose(found.sum(axis=0), expected["sums"], 1e-7)


@pytest.mark.parametrize(
    ("name", "network", "clip"),
    [
        ("ssd300", "ssd300", False),
        ("ssd300_coco", "ssd300_coco", False),
        ("ssd300_coco, clipped size", "ssd300_coco", True),
        ("ssd512, fractions of pixels", "ssd512", False),
        ("ssd512_coco, fractions of pixels", "ssd512_coco", False),
    ],
)
def test_default_boxes_agree_with_torchvision(name, network, clip):
    case = cases("default_boxes")[name]
    assert same_boxes(torchvision_boxes(case, network, clip), case["expected"])


@pytest.mark.parametrize(("name", "clip"), [("ssd300_coco", True), ("ssd512", False), ("ssd512_coco", False)])
def test_torchvision_clips_and_keeps_fractions_where_caffe_does_not(name, clip):
    case = cases("default_boxes")[name]
    assert not same_boxes(torchvision_boxes(case, name, clip), case["expected"])


# Boxes, matching, coding.


def test_iou_agrees_with_torchvision_but_for_boxes_without_area():
    agree = []
    for name, case in cases("iou").items():
        found = ops.box_iou(tensor(case["inputs"]["a"], -1, 4), tensor(case["inputs"]["b"], -1, 4))
        if not differs(found, np.reshape(case["expected"]["iou"], found.shape)):
            agree.append(name)
    by_design = {"a box without area overlaps nothing, not even itself"}  # torchvision: 0 / 0, NaN
    assert set(cases("iou")) - set(agree) == by_design


def test_matching_agrees_with_torchvision_but_for_its_argmax():
    differing = set()
    for name, case in cases("matching").items():
        inputs = case["inputs"]
        if not inputs["gt_boxes"]:
            continue  # torchvision does not ask its matcher then
        overlaps = ops.box_iou(tensor(inputs["gt_boxes"]), xyxy(inputs["default_boxes"]))
        if differs(SSDMatcher(inputs["iou_threshold"])(overlaps), case["expected"]["matched"]):
            differing.add(name)
    assert differing == {
        # Each object takes its best default box, whoever else wants it, and the last one wins.
        "two objects want one default box",
        "two objects want one default box, the looser first",
        "equal overlap: the lower object",
        "more objects than default boxes",
        "a scene",
        # The best of nothing but zeros is default box 0.
        "an object that nothing overlaps",
        "an object that only touches",
    }


@each("matching")
def test_targets_agree_with_torchvision_where_there_is_an_object(case):
    for offsets, matched, box in zip(
        case["expected"]["loc_targets"], case["expected"]["matched"], case["inputs"]["default_boxes"]
    ):
        if matched >= 0:
            gt = tensor(case["inputs"]["gt_boxes"][matched], 1, 4)
            close(CODER.encode_single(gt, xyxy([box]))[0], offsets)


@each("box_coding", operation="encode")
def test_encoding_agrees_with_torchvision(case):
    found = CODER.encode_single(tensor(case["inputs"]["boxes"], -1, 4), xyxy(case["inputs"]["default_boxes"]))
    close(found, np.reshape(case["expected"]["loc"], (-1, 4)))


def test_decoding_agrees_with_torchvision_below_its_limit():
    differing = set()
    for name, case in cases("box_coding").items():
        if case["inputs"]["operation"] == "decode":
            loc = tensor(case["inputs"]["loc"], -1, 4)
            found = CODER.decode_single(loc, xyxy(case["inputs"]["default_boxes"]))
            if differs(found, np.array(case["expected"]["boxes"], dtype=object).astype(float).reshape(-1, 4)):
                differing.add(name)
    # torchvision holds dw and dh to log(1000 / 16).
    assert differing == {
        "a size of e^8 default boxes",
        "large and still finite in float32",
        "beyond float32",
    }


# Losses.


@each("losses", operation="smooth_l1")
def test_smooth_l1_agrees_with_torch(case):
    x = tensor(case["inputs"]["x"]).requires_grad_()
    value = functional.smooth_l1_loss(x, torch.zeros_like(x), reduction="none")
    value.sum().backward()
    close(value.detach(), case["expected"]["value"], 1e-14)
    close(x.grad, case["expected"]["gradient"], 1e-14)


@each("losses", operation="softmax_cross_entropy")
def test_cross_entropy_agrees_with_torch(case):
    logits = tensor(case["inputs"]["logits"]).requires_grad_()
    loss = functional.cross_entropy(logits, torch.tensor(case["inputs"]["labels"]), reduction="none")
    loss.sum().backward()
    close(loss.detach(), case["expected"]["loss"])
    close(logits.grad, case["expected"]["gradient"])
    close(logits.softmax(dim=1).detach(), case["expected"]["probabilities"])


def torchvision_loss(inputs):
    """Return the loc and conf share of torchvision's SSD, and their gradients; each positive has its own object."""
    loc, conf = (tensor(inputs[key]).requires_grad_() for key in ("loc", "conf"))
    anchor = xyxy([[0.5, 0.5, 0.25, 0.25]] * conf.shape[1])
    targets, matched, anchors = [], [], []
    for offsets, labels in zip(tensor(inputs["loc_targets"]), torch.tensor(inputs["conf_targets"])):
        positive = labels > 0
        index = torch.where(positive, positive.cumsum(0) - 1, -1)
        targets.append({"boxes": CODER.decode_single(offsets, anchor)[positive], "labels": labels[positive]})
        matched.append(index)
        anchors.append(anchor)
    network = SimpleNamespace(box_coder=CODER, neg_to_pos_ratio=inputs["negative_ratio"])
    outputs = {"bbox_regression": loc, "cls_logits": conf}
    parts = ssd.SSD.compute_loss(network, targets, outputs, anchors, matched)
    loc_share, conf_share = parts["bbox_regression"], parts["classification"]
    (inputs["alpha"] * loc_share + conf_share).backward()
    return loc_share.item(), conf_share.item(), loc.grad, conf.grad


@pytest.mark.parametrize("name", ["three images, the second without objects", "no objects at all"])
def test_multibox_loss_agrees_with_torchvision(name):
    case = cases("multibox_loss")[name]
    loc_share, conf_share, dloc, dconf = torchvision_loss(case["inputs"])
    close([loc_share, conf_share], [case["expected"]["loc_share"], case["expected"]["conf_share"]])
    close(dloc, case["expected"]["dloc"])
    close(dconf, case["expected"]["dconf"])


def test_torchvision_counts_positives_twice_where_negatives_are_too_few():
    case = cases("multibox_loss")["too few negatives"]
    loc_share, conf_share, _, _ = torchvision_loss(case["inputs"])
    close(loc_share, case["expected"]["loc_share"])
    logits, labels = tensor(case["inputs"]["conf"])[0], torch.tensor(case["inputs"]["conf_targets"])[0]
    losses, count = functional.cross_entropy(logits, labels, reduction="none"), case["expected"]["positives"]
    close(case["expected"]["conf_share"], losses.sum() / count)  # all of the six boxes once
    close(conf_share, (losses.sum() + losses[labels > 0].sum()) / count)


# Non-maximum suppression, and the whole way to detections.


def test_nms_agrees_with_torchvision():
    differing = set()
    for name, case in cases("nms").items():
        inputs = case["inputs"]
        if inputs["top_k"] is None:
            kept = ops.nms(tensor(inputs["boxes"], -1, 4), tensor(inputs["scores"], -1), inputs["iou_threshold"])
            if kept.tolist() != case["expected"]["keep"]:
                differing.add(name)
    assert differing == set()


def torchvision_detections(inputs):
    network = SimpleNamespace(
        box_coder=CODER,
        score_thresh=inputs["score_threshold"],
        nms_thresh=inputs["nms_threshold"],
        topk_candidates=inputs["top_k"],
        detections_per_img=inputs["keep_top_k"],
    )
    outputs = {"bbox_regression": tensor(inputs["loc"])[None], "cls_logits": tensor(inputs["conf"])[None]}
    return ssd.SSD.postprocess_detections(network, outputs, [xyxy(inputs["default_boxes"])], [(1, 1)])[0]


def differing_detections():
    """Return the names of the cases in which torchvision detects something else."""
    differing = set()
    for name, case in cases("postprocess").items():
        found, expected = torchvision_detections(case["inputs"]), case["expected"]
        same = found["labels"].tolist() == expected["labels"]
        same = same and not differs(found["scores"], expected["scores"])
        if not same or differs(found["boxes"].clip(0, 1), np.reshape(expected["boxes"], (-1, 4))):
            differing.add(name)
    return differing


def test_torchvision_clips_before_the_suppression_and_caffe_after_it():
    # Two boxes that stick out of the image overlap more when they are clipped.
    assert differing_detections() == {"clipped only at the end", "a scene", "a scene, other thresholds"}
    case = cases("postprocess")["clipped only at the end"]
    assert (len(torchvision_detections(case["inputs"])["scores"]), len(case["expected"]["scores"])) == (1, 2)


def test_detections_agree_with_torchvision_when_it_clips_at_the_end(monkeypatch):
    monkeypatch.setattr(ssd.box_ops, "clip_boxes_to_image", lambda boxes, size: boxes)
    assert differing_detections() == set()


# Average precision.


def coco_precision(inputs):
    """Return pycocotools' AP of each class that has an object."""
    images, annotations, results = [], [], []
    for n, (found, truth) in enumerate(zip(inputs["detections"], inputs["ground_truth"])):
        images.append({"id": n + 1, "width": 4000, "height": 4000})
        for box, label in zip(truth["boxes"], truth["labels"]):
            x1, y1, x2, y2 = box
            row = {"id": len(annotations) + 1, "image_id": n + 1, "category_id": label, "iscrowd": 0}
            annotations.append({**row, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)})
        for (x1, y1, x2, y2), label, score in zip(found["boxes"], found["labels"], found["scores"]):
            row = {"image_id": n + 1, "category_id": label, "score": score}
            results.append({**row, "bbox": [x1, y1, x2 - x1, y2 - y1]})
    labels = sorted({row["category_id"] for row in annotations})
    if not results:
        return dict.fromkeys(labels, 0.0)  # pycocotools reads no empty list
    truth = COCO()
    truth.dataset = {"images": images, "annotations": annotations, "categories": [{"id": i} for i in (1, 2, 3)]}
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # threshold, recall, class, area, detections
    return {label: float(precision[:, :, label - 1, 0, -1].mean()) for label in labels}


@pytest.mark.parametrize(
    "name", [name for name, case in cases("average_precision").items() if "coco" in case["expected"]]
)
def test_average_precision_agrees_with_pycocotools(name):
    case = cases("average_precision")[name]
    found = coco_precision(case["inputs"])
    assert {str(label) for label in found} == set(case["expected"]["coco"]["per_class"])
    close(list(found.values()), list(case["expected"]["coco"]["per_class"].values()), 1e-12)


# Layers, and the steps of training.


def nchw(values):
    return tensor(values).permute(0, 3, 1, 2).contiguous().requires_grad_()


def nhwc(array):
    return array.detach().permute(0, 2, 3, 1)


@each("convolution")
def test_convolution_agrees_with_torch(case):
    inputs, expected = case["inputs"], case["expected"]
    x, bias = nchw(inputs["x"]), tensor(inputs["bias"]).requires_grad_()
    weight = tensor(inputs["weight"]).permute(3, 2, 0, 1).contiguous().requires_grad_()
    out = functional.conv2d(x, weight, bias, inputs["stride"], inputs["padding"], inputs["dilation"])
    out.backward(nchw(inputs["dout"]).detach())
    close(nhwc(out), expected["out"])
    close(nhwc(x.grad), expected["dx"])
    close(weight.grad.permute(2, 3, 1, 0), expected["dweight"])
    close(bias.grad, expected["dbias"])


@each("pooling")
def test_pooling_agrees_with_torch(case):
    inputs, expected = case["inputs"], case["expected"]
    x = nchw(inputs["x"])
    out = functional.max_pool2d(x, inputs["size"], inputs["stride"], inputs["padding"], ceil_mode=inputs["ceil_mode"])
    out.backward(nchw(inputs["dout"]).detach())
    close(nhwc(out), expected["out"])
    close(nhwc(x.grad), expected["dx"])


def torch_l2norm(inputs):
    x, scale = tensor(inputs["x"]).requires_grad_(), tensor(inputs["scale"]).requires_grad_()
    out = functional.normalize(x, dim=3) * scale  # as in torchvision's SSD
    out.backward(tensor(inputs["dout"]))
    return out.detach(), x.grad, scale.grad


@each("l2norm")
def test_l2norm_agrees_with_torch_but_for_the_gradient_at_a_cell_of_zeros(case):
    out, dx, dscale = torch_l2norm(case["inputs"])
    close(out, case["expected"]["out"])
    close(dscale, case["expected"]["dscale"])
    zeros = ~np.array(case["inputs"]["x"]).any(axis=3)
    close(dx[~zeros], np.array(case["expected"]["dx"])[~zeros])
    # torch: an epsilon of 1e-12 under the fraction; Caffe: the root of 1e-10.
    assert not zeros.any() or differs(dx[zeros], np.array(case["expected"]["dx"])[zeros])


def torch_sgd(inputs):
    """Return the values after each step of torch.optim.SGD with Caffe's two groups of parameters."""
    parameters = {name: torch.nn.Parameter(tensor(value)) for name, value in inputs["start"].items()}
    decays, factors = (inputs["weight_decay"], 0.0), (1, 2)
    groups = [{"params": [p], "weight_decay": decay} for p, decay in zip(parameters.values(), decays)]
    sgd, values = torch.optim.SGD(groups, lr=inputs["lr"][0], momentum=inputs["momentum"]), []
    for lr, gradients in zip(inputs["lr"], inputs["gradients"]):
        for group, factor in zip(sgd.param_groups, factors):
            group["lr"] = lr * factor
        for name, parameter in parameters.items():
            parameter.grad = tensor(gradients[name])
        sgd.step()
        values.append({name: parameter.detach().numpy().copy() for name, parameter in parameters.items()})
    return values


@each("sgd")
def test_sgd_agrees_with_torch_until_the_rate_drops(case):
    rates = case["inputs"]["lr"]
    for i, (found, after) in enumerate(zip(torch_sgd(case["inputs"]), case["expected"]["after"])):
        for name, value in found.items():
            # torch multiplies the velocity by the new rate, so that the steps under way shrink with it.
            assert differs(value, after["value"][name]) == (rates[i] != rates[0])
