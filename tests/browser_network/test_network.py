"""The whole network in JavaScript beside the one in Python: loc, conf, feature maps and detections."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numpyssd.browser.network import describe
from numpyssd.config import COMPACT, SSD300
from numpyssd.errors import InputError
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.detect import detect, detection_options
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.layers import ReLU
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import softmax
from numpyssd.weights import load_model
from tests.browser_network.models import OTHER, random_model
from tests.browser_network.node import JavaScriptError, kept
from tests.small import SMALL

HELPER = Path(__file__).with_name("networks.mjs")
THIN = replace(SSD300, width=0.125)


def photograph(seed, height, width):
    """Return an image of colored rectangles, (height, width, 3) uint8, which keeps a network busier than noise."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(12):
        (y1, y2), (x1, x2) = (np.sort(rng.integers(0, side, 2)) for side in (height, width))
        image[y1 : y2 + 1, x1 : x2 + 1] = rng.integers(0, 256, 3)
    return image


def started(node, model, storage="float32"):
    """Keep the model in JavaScript as "ssd"."""
    node.call("network/ssd.js", "SSD", *describe(model, "runs/mine/best.npz", storage), keep="ssd")


def as_image(pixels):
    return {"height": pixels.shape[0], "width": pixels.shape[1], "data": pixels}


def close(got, expected, tolerance=1e-4):
    """Compare with the largest of the numbers as unit."""
    expected = np.ravel(expected)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.abs(expected).max())


MODELS = {
    "tiny": lambda: load_model("tiny"),
    "compact": lambda: random_model(replace(COMPACT, num_classes=4)),
    "thin ssd300": lambda: random_model(THIN),
    "other": lambda: random_model(OTHER),
}


@pytest.mark.parametrize("name", MODELS)
def test_finds_what_python_finds(node, name):
    model, image = MODELS[name](), photograph(1, 133, 210)
    started(node, model)
    stages = node.call("network/detect.js", "detectStages", kept("ssd"), as_image(image))
    features = model._features(preprocess(image, model.config), "infer")
    loc, conf = model.infer(preprocess(image, model.config))
    close(stages["loc"], loc)
    close(stages["conf"], conf)
    for found, row, x in zip(stages["maps"], model.config.feature_maps, features, strict=True):
        assert (found["name"], found["size"], found["channels"]) == (row.name, row.size, x.shape[3])
        close(found["data"], x)
    close(stages["norm"]["data"], model.predictors.norm.infer(features[0]))
    np.testing.assert_array_equal(stages["default_boxes"], default_boxes(model.config).ravel())
    # The 60 best scores alone, so that none is cut off: of two that differ in their last bits it may be either.
    best = np.sort(softmax(conf[0])[:, 1:].ravel())[::-1]
    options = {"score_threshold": float(best[59:61].mean())}
    stages = node.call("network/detect.js", "detectStages", kept("ssd"), as_image(image), options)
    boxes, labels, scores = next(detect(model, [image], **options))
    found = stages["detections"]
    assert 2 < len(found) == len(labels) <= 60
    np.testing.assert_allclose([one["score"] for one in found], scores, atol=1e-3)
    assert {one["name"] for one in found} == {model.class_names[label - 1] for label in labels}
    options |= detection_options(model.config)
    rows = postprocess_explained(loc[0], conf[0], default_boxes(model.config), **options).default_box
    order = np.lexsort((rows, labels))
    other = sorted(found, key=lambda one: (one["label"], one["default_box"]))
    assert [one["label"] for one in other] == labels[order].tolist()
    assert [one["default_box"] for one in other] == rows[order].tolist()
    np.testing.assert_allclose([one["box"] for one in other], boxes[order], atol=0.5)


def test_a_second_image_is_not_mixed_with_the_first_and_takes_no_more_memory(node):
    model = random_model(OTHER)
    started(node, model)
    images = [photograph(seed, 50, 50) for seed in (1, 2, 1)]
    first, second, again = (
        node.call("network/detect.js", "detectStages", kept("ssd"), as_image(image)) for image in images
    )
    assert np.abs(first["conf"] - second["conf"]).max() > 0.01
    np.testing.assert_array_equal(first["conf"], again["conf"])
    np.testing.assert_array_equal(first["maps"][0]["data"], again["maps"][0]["data"])
    close(second["loc"], model.infer(preprocess(images[1], model.config))[0])
    helper = "network/detect.js", "detectStages", kept("ssd"), as_image(images[0])
    used = node.field("ssd", "memory", "used")
    for _ in range(3):
        node.call(*helper)
    assert node.field("ssd", "memory", "used") == used
    assert node.field("ssd", "memory", "buffer", "byteLength") < used + 2 * 65536


@pytest.mark.parametrize("how", ["missing", "forbidden"])
def test_needs_no_webassembly(node, how):
    model = random_model(OTHER)
    x = preprocess(photograph(3, 96, 96), model.config)
    found = node.call(HELPER, "without_webassembly", *describe(model, "best.npz", "float32"), x.ravel(), how)
    loc, conf = model.infer(x)
    close(found["loc"], loc)
    close(found["conf"], conf)


def test_each_layer_tells_its_name(node):
    started(node, random_model(SMALL))
    told = node.call(HELPER, "told_by", kept("ssd"))
    names = [name for name, _, _ in told]
    assert names[:3] == ["conv1_1", "pool1", "conv2_1"]
    assert names[-9:] == ["conv4_3_norm", *(f"loc.{i}" for i in range(4)), *(f"conf.{i}" for i in range(4))]
    assert [done for _, done, _ in told] == list(range(1, len(told) + 1))
    assert {of for _, _, of in told} == {len(told)}


def test_the_description_is_what_the_page_needs():
    model = random_model(OTHER)
    model.score_thresholds = (0.5, 0.25, 0.5, 0.5, 0.5)
    description, content = describe(model, "runs/mine/best.npz")
    assert description["weights_file"] == "best.npz"
    assert description["score_thresholds"] == [0.5, 0.25, 0.5, 0.5, 0.5]
    assert description["class_names"] == ["class 1", "class 2", "class 3", "class 4", "class 5"]
    assert [stage["feature_map"] for stage in description["stages"]] == [row.name for row in OTHER.feature_maps]
    assert description["stages"][1]["steps"][0] == {
        "op": "maxpool2d", "name": "pool4", "size": 2, "stride": 2, "padding": 0, "ceil_mode": True,
    }  # fmt: skip
    conv6 = next(step for step in description["stages"][1]["steps"] if step["name"] == "conv6")
    assert (conv6["dilation"], conv6["padding"], conv6["relu"]) == (3, 3, True)  # after the normalization
    assert not description["predictors"][0]["conf"]["relu"]
    assert all(entry["offset"] % 4 == 0 for entry in description["tensors"].values())
    assert len(content) < 2.2 * sum(np.prod(entry["shape"]) for entry in description["tensors"].values())


def test_says_which_weights_are_not_finite():
    model = random_model(OTHER)
    layer, key = model.running_statistics()["conv5_1_bn.variance"]
    layer.running[key] = np.full_like(layer.running[key], -1)
    with pytest.raises(InputError, match=r"best\.npz makes conv5_1\.weight not finite"):
        describe(model, "best.npz")


def test_says_which_layer_it_does_not_have():
    model = random_model(SMALL)
    model.stages[1].parts.append(ReLU("relu7"))
    with pytest.raises(NotImplementedError, match=r"relu7 \(ReLU\) has no counterpart"):
        describe(model, "best.npz")


def test_refuses_an_image_of_another_size(node):
    started(node, random_model(SMALL))
    with pytest.raises(JavaScriptError, match="x must have 27648 numbers, not 12"):
        node.method("ssd", "forward", np.zeros(12, np.float32))
