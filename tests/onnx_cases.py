"""What exported graphs are tested on, whoever runs them: NumPy in ``make test``, ONNX Runtime in ``make oracle``."""

from dataclasses import replace

import numpy as np
from small import SMALL

from numpyssd.config import TINY, Config, ExtraLayer, FeatureMap
from numpyssd.inference.detect import detection_options
from numpyssd.inference.postprocess import postprocess
from numpyssd.layers import BatchNorm, Conv2d, L2Norm, MaxPool2d, ReLU, Residual, Scale
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.onnx_graph.detections import detections
from numpyssd.onnx_graph.graph import Graph, Value
from numpyssd.onnx_graph.layers import LAYERS

# Every kind of layer in one small network: 25 cells pool to 13 rounded up, dilation 6, SSD512's 4x4 kernel, and one
# without padding.
ODD = replace(
    SMALL,
    name="odd",
    image_size=100,
    feature_maps=(
        FeatureMap("conv4_1", 13, 8, 14, 26, (2,)),
        FeatureMap("conv7", 7, 16, 26, 44, (2, 3)),
        FeatureMap("conv8_2", 4, 32, 44, 66, (2,)),
        FeatureMap("conv9_2", 3, 33, 66, 90, (2,)),
        FeatureMap("conv10_2", 1, 100, 90, 100, (2,)),
    ),
    extra_layers=(
        ExtraLayer("conv8", 64, 128, 3, 2, 1),
        ExtraLayer("conv9", 64, 128, 4, 1, 1),
        ExtraLayer("conv10", 64, 128, 3, 1, 0),
    ),
)
NETWORKS = {
    "odd": ODD,
    "odd, normalized": replace(ODD, batch_norm=True),
    "odd, scaled pixels": replace(ODD, pixel_scale=1 / 58, mean=(120.0, 110.0, 100.0)),
}


def lively_model(config, seed=0):
    """Return a model whose every number matters: biases, scales and running statistics as if it had been trained."""
    model, rng = SSD(config, seed), np.random.default_rng(seed)
    for name, parameter in model.parameters().items():
        if name.endswith(("bias", "shift")):
            parameter.value[:] = rng.normal(0, 0.3, parameter.value.shape)
        elif name.endswith("scale"):
            parameter.value *= rng.uniform(0.7, 1.3, parameter.value.shape).astype(np.float32)
    for layer, key in model.running_statistics().values():
        low, high = (-1, 1) if key == "mean" else (0.5, 4)
        layer.running[key][:] = rng.uniform(low, high, layer.running[key].shape)
    model.class_names = tuple(f"thing {i}" for i in range(1, config.num_classes))
    return model


def blocky_images(config, count, seed=1):
    """Return images (N, S, S, 3) uint8 of blocks of color, so that pixels go together as in photographs."""
    cells = config.image_size // 4 + 1
    coarse = np.random.default_rng(seed).integers(0, 256, (count, cells, cells, 3), np.uint8)
    return coarse.repeat(4, axis=1).repeat(4, axis=2)[:, : config.image_size, : config.image_size]


def close(ours, theirs, tolerance=1e-5):
    """Whether two arrays are equal but for a fraction ``tolerance`` of the largest number."""
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=tolerance * np.abs(ours).max())


# ---- single layers ---------------------------------------------------------------------------------------------------


def lively(layer, rng):
    """Return the layer with other values than those that change nothing."""
    for parameter in layer.parameters().values():
        parameter.value[:] = rng.uniform(0.5, 2, parameter.value.shape)
    for key in layer.running:
        layer.running[key] = rng.uniform(0.5, 2, layer.running[key].shape).astype(np.float32)
    return layer


def single_layers():
    """Return pairs of a layer and its input (N, H, W, C), by name."""
    rng = np.random.default_rng(3)

    def conv(*geometry, **options):
        layer = Conv2d("conv", rng, 5, 8, *geometry, **options)
        if layer.bias:
            layer.bias.value[:] = rng.normal(0, 1, 8)
        return layer

    x = rng.normal(0, 1, (2, 11, 11, 5)).astype(np.float32)
    # Pixels as long as the epsilon is deep, pixels of nothing, and all that is between: what tells the places where
    # the epsilon may stand from each other.
    faint = x * np.float32(10.0) ** rng.uniform(-8, 1, (2, 11, 11, 1)).astype(np.float32)
    faint[0, :3] = 0
    norm = L2Norm("norm", 5)
    norm.scale.value[:] = rng.uniform(5, 30, 5)
    return {
        "3x3": (conv(3, padding=1), x),
        "1x1 and ReLU": (conv(1, relu=True), x),
        "stride 2": (conv(3, stride=2, padding=1), x),
        "no padding": (conv(3), x),
        "dilation 3": (conv(3, padding=3, dilation=3), x),
        "4x4": (conv(4, padding=1), x),
        "no bias": (conv(3, padding=1, bias=False), x),
        "scale": (lively(Scale("scale", 5), rng), x),
        "batch norm by itself": (lively(BatchNorm("bn", 5, relu=True), rng), x),
        "ReLU": (ReLU("relu"), x),
        "residual": (Residual("sum", [Conv2d("conv", rng, 5, 5, 3, padding=1)]), x),
        "residual with a shortcut": (Residual("sum", [conv(3, padding=1)], Conv2d("one", rng, 5, 8, 1)), x),
        "pool, rounded up": (MaxPool2d("pool", 2, 2, ceil_mode=True), x),
        "pool, rounded down": (MaxPool2d("pool", 2, 2), x),
        "pool5, of negative numbers": (MaxPool2d("pool", 3, 1, padding=1), x - 10),
        "L2 normalization": (norm, faint),
    }


def layer_graph(layer, x):
    """Return the Graph of one layer: ``x`` (N, C, H, W) in, ``out`` out."""
    graph = Graph()
    n, h, w, c = x.shape
    out = layer.infer(x)
    graph.inputs["x"] = Value("float32", (n, c, h, w))
    made = LAYERS[type(layer)](graph, layer, "x")
    graph.outputs[made] = Value("float32", (n, out.shape[3], *out.shape[1:3]))
    return graph, made, out


# ---- detections ------------------------------------------------------------------------------------------------------


def detections_graph(config, **options):
    """Return the Graph of the detections alone, with ``loc`` (1, K, 4) and ``conf`` (1, K, C) as inputs."""
    graph, count = Graph(), len(default_boxes(config))
    graph.inputs["loc"] = Value("float32", (1, count, 4))
    graph.inputs["conf"] = Value("float32", (1, count, config.num_classes))
    detections(graph, config, "loc", "conf", **options)
    return graph


def outputs():
    """Return what a network might put out, by name: config, loc (K, 4), conf (K, C), options of postprocess."""
    rng, config = np.random.default_rng(5), replace(TINY, num_classes=4)
    count = len(default_boxes(config))

    def drawn(scale=2.0):
        loc = rng.normal(0, 1, (count, 4)).astype(np.float32)
        return loc, rng.normal(0, scale, (count, config.num_classes)).astype(np.float32)

    loc, conf = drawn()
    cases = {"many": (config, loc, conf, {}), "all kept": (config, loc, conf, {"keep_top_k": 5000})}
    # Offsets so large that growing 3 times the default box, in a side, is a limit for many, and the border too.
    cases["a limit"] = (replace(config, size_limit=3.0), 4 * loc, conf, {})
    cases["clipped first"] = (replace(config, clip_before_nms=True), 4 * loc, conf, {})
    cases["torchvision's"] = (replace(config, clip_before_nms=True, size_limit=62.5), 9 * loc, conf, {})
    cases["another NMS"] = (config, loc, conf, {"nms_threshold": 0.2})
    cases["few kept"] = (config, loc, conf, {"top_k": 15, "keep_top_k": 7})
    # Nine kinds of rows, among them one with two equal classes: equal numbers in any runtime, however it rounds.
    kinds = drawn()[1][:9]
    kinds[4, 1:] = 1, 3, 3
    cases["equal scores"] = (config, loc, kinds[rng.integers(0, 9, count)], {"top_k": 40})
    sure = conf.copy()
    sure[:, 0] += 9
    cases["some"] = (config, loc, sure, {})
    nothing = conf.copy()
    nothing[:, 0] += 60
    cases["nothing"] = (config, loc, nothing, {})
    one = nothing.copy()
    one[777, 2] += 90
    cases["one"] = (config, loc, one, {})
    # Four equal logits are four scores of exactly a quarter, which is not over a quarter.
    cases["scores at the threshold"] = (config, loc, np.zeros_like(conf), {"score_threshold": 0.25})
    loc, conf = drawn()
    loc[rng.integers(0, count, 300), rng.integers(0, 4, 300)] = rng.choice([np.nan, np.inf, -np.inf], 300)
    conf[rng.integers(0, count, 50)] = np.nan
    loc[rng.integers(0, count, 100), 2:] = rng.choice([-900, 900], (100, 2))  # sizes of 0, and past all numbers
    cases["broken"] = (config, loc, conf, {})
    for name in ("many", "few kept", "equal scores", "some", "nothing", "one", "clipped first", "broken"):
        *arrays, given = cases[name]
        cases[f"{name}, one label"] = (*arrays, {**given, "one_label": True})
    return cases


def expected(config, loc, conf, options):
    """Return boxes, labels, scores of one image as ``inference.postprocess`` finds them."""
    return postprocess(loc, conf, default_boxes(config), **(detection_options(config) | options))


def same_detections(ours, theirs, order_matters=True):
    """Assert that two triples of boxes, labels, scores are equal to 1e-4, with scores that fall.

    Unless order_matters, detections whose scores are equal to 1e-4 may change places.
    """
    (boxes, labels, scores), (their_boxes, their_labels, their_scores) = ours, theirs
    assert their_boxes.shape == (len(their_scores), 4)
    assert len(their_labels) == len(their_scores) == len(scores)
    assert (np.diff(their_scores) <= 0).all()
    assert (np.diff(their_boxes.reshape(-1, 2, 2), axis=1) >= 0).all()
    order = np.arange(len(scores))
    if not order_matters:
        free = np.ones(len(scores), bool)
        for i in range(len(scores)):
            far = np.abs(their_boxes - boxes[i]).max(axis=1) + np.abs(their_scores - scores[i])
            order[i] = np.where(free & (their_labels == labels[i]), far, np.inf).argmin()
            free[order[i]] = False
    np.testing.assert_array_equal(their_labels[order], labels)
    np.testing.assert_allclose(their_boxes[order], boxes, rtol=0, atol=1e-4)
    np.testing.assert_allclose(their_scores[order], scores, rtol=0, atol=1e-4)


def one_map(boxes, **changes):
    """Return a config of two objects' classes and a feature map of one cell; ``boxes``: its (scale, next) in pixels."""
    row = FeatureMap("only", 1, 100, *boxes, ())
    values = {"name": "one", "image_size": 100, "num_classes": 3, "feature_maps": (row,), "extra_layers": ()}
    return Config(**{**values, **changes})
