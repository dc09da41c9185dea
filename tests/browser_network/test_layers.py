"""Each stage in JavaScript against the golden numbers of tests/golden."""

import numpy as np

from tests.browser_network.node import map_of
from tests.golden.test_golden import cases, checksum


def one_by_one(x):
    return [image[None] for image in x]  # JavaScript has no batches


def geometry(inputs, *names):
    return {name: inputs[name] for name in names}


@cases("convolution", dtypes=["float32"])
def test_convolution(node, inputs, expected, close):
    x, weight = close.array(inputs["x"]), close.array(inputs["weight"])
    step = {**geometry(inputs, "stride", "padding", "dilation"), "relu": False}
    shaped = {"shape": list(weight.shape), "data": weight}
    for image, out in zip(one_by_one(x), expected["out"]):
        place = np.zeros(np.size(out), np.float32)
        found = node.call(
            "network/conv2d.js", "conv2d", map_of(image), shaped, close.array(inputs["bias"]), step, place
        )
        assert (found["height"], found["width"], found["channels"]) == np.shape(out)
        close(found["data"], out)


@cases("pooling", dtypes=["float32"])
def test_pooling(node, inputs, expected, close):
    step = geometry(inputs, "size", "stride", "padding", "ceil_mode")
    for image, out in zip(one_by_one(close.array(inputs["x"])), expected["out"]):
        place = np.full(np.size(out), 99, np.float32)  # of an earlier image
        found = node.call("network/maxpool2d.js", "maxpool2d", map_of(image), step, place)
        assert (found["height"], found["width"], found["channels"]) == np.shape(out)
        close(found["data"], out)


def test_pooling_does_not_hide_a_nan(node):
    x = np.array([1, np.nan, 3, -np.inf], np.float32).reshape(1, 2, 2, 1)
    step = {"size": 2, "stride": 2, "padding": 0, "ceil_mode": False}
    assert np.isnan(node.call("network/maxpool2d.js", "maxpool2d", map_of(x), step, np.zeros(1, np.float32))["data"])


@cases("l2norm", dtypes=["float32"])
def test_l2norm(node, inputs, expected, close):
    for image, out in zip(one_by_one(close.array(inputs["x"])), expected["out"]):
        place = np.zeros(np.size(out), np.float32)
        scale = close.array(inputs["scale"])
        close(node.call("network/l2norm.js", "l2norm", map_of(image), scale, place, inputs["epsilon"])["data"], out)


@cases("losses", operation="softmax_cross_entropy", dtypes=["float32"])
def test_softmax(node, inputs, expected, close):
    logits = close.array(inputs["logits"])
    close(node.call("network/softmax.js", "softmax", logits, logits.shape[1]), expected["probabilities"])


@cases("default_boxes", dtypes=["float32"])
def test_default_boxes(node, inputs, expected, close):
    config = {
        "feature_maps": inputs["maps"],
        "center_rule": inputs["centre_rule"],
        **geometry(inputs, "image_size", "whole_pixels", "clip_mode"),
    }
    found = node.call("network/default_boxes.js", "defaultBoxes", config).reshape(-1, 4)
    assert len(found) == expected["count"]
    close(found[expected["rows"]], expected["boxes"])
    close(found.sum(axis=0, dtype=np.float64), expected["sums"])
    assert checksum(found) == expected["checksum"]


@cases("iou", dtypes=["float32"])
def test_iou(node, inputs, expected, close):
    boxes = np.concatenate([close.boxes(inputs["a"]), close.boxes(inputs["b"])])
    a, b = len(inputs["a"]), len(inputs["b"])
    found = [node.call("network/boxes.js", "iou", boxes, 4 * i, 4 * (a + j)) for i in range(a) for j in range(b)]
    close(np.array(found, np.float32), expected["iou"])


@cases("box_coding", operation="decode", dtypes=["float32"])
def test_decoding(node, inputs, expected, close):
    loc, boxes = close.boxes(inputs["loc"]), close.boxes(inputs["default_boxes"])
    close(node.call("network/box_coding.js", "decodeBoxes", loc, boxes), expected["boxes"])


@cases("nms", dtypes=["float32"])
def test_nms(node, inputs, expected, close):
    boxes, scores = close.boxes(inputs["boxes"]), close.array(inputs["scores"])
    found = node.call("network/nms.js", "nms", boxes, scores, inputs["iou_threshold"], inputs["top_k"])
    assert found["keep"] == expected["keep"]


@cases("postprocess", dtypes=["float32"])
def test_postprocess(node, inputs, expected, close):
    loc, conf, boxes = (close.array(inputs[key]) for key in ("loc", "conf", "default_boxes"))
    options = geometry(inputs, "score_threshold", "nms_threshold", "top_k", "keep_top_k")
    found = node.call("network/postprocess.js", "postprocess", loc, conf, conf.shape[1], boxes, options)["detections"]
    assert [one["label"] for one in found] == expected["labels"]
    assert [one["default_box"] for one in found] == expected["default_box"]
    close([one["score"] for one in found], expected["scores"])
    close(np.array([one["box"] for one in found]), expected["boxes"])


def test_every_half_precision_number(node):
    halves = np.arange(65536, dtype=np.uint16)
    found = node.call("network/float16.js", "float16ToFloat32", halves)
    np.testing.assert_array_equal(found, halves.view(np.float16).astype(np.float32))
