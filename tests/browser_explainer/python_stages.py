"""The stages of a detection as js/network/detect.js returns them, but computed by NumPy: what is explained."""

import functools

import numpy as np

from numpyssd.browser.network import describe
from numpyssd.datasets.shapes import render
from numpyssd.images.preprocess import preprocess, resize
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.default_boxes import default_boxes
from numpyssd.weights import load_model


@functools.cache
def tiny():
    """Return the built-in model, and its description."""
    model = load_model("tiny")
    return model, describe(model, "tiny.npz", "float32")[0]


def as_map(name, features):
    """Return features (1, H, W, C) as a map of JavaScript."""
    return {"name": name, "size": features.shape[1], "channels": features.shape[3], "data": features.ravel()}


@functools.cache
def stages_of(index, one_label=False, score_threshold=0.01):
    """Return the stages of image ``index`` of the built-in set, as a dictionary of arrays, lists and numbers.

    score_threshold: a number, or a tuple of one for each label.
    """
    model, image = tiny()[0], render(0, 2_000_000 + index, 96)[0]
    config, x = model.config, preprocess(image, model.config)
    features, maps = x, []
    for stage in model.stages:
        features = stage.infer(features)
        maps.append(features)
    loc, conf = (output[0] for output in model.predictors.infer(maps))
    defaults = default_boxes(config)
    options = {"score_threshold": np.array(score_threshold), "one_label": one_label}
    found = postprocess_explained(loc, conf, defaults, **options)
    detections = [
        {
            "label": int(label), "name": model.class_names[label - 1], "score": float(score),
            "box": (box * 96).tolist(), "default_box": int(row), "suppressed": removed.tolist(),
        }
        for box, label, score, row, removed in zip(
            found.boxes, found.labels, found.scores, found.default_box, found.suppressed
        )
    ]  # fmt: skip
    return {
        "width": 96, "height": 96, "input": np.asarray(resize(image, config.image_size), np.float32).ravel(),
        "maps": [as_map(row.name, features) for row, features in zip(config.feature_maps, maps)],
        "norm": as_map("conv4_3_norm", model.predictors.norm.infer(maps[0])),
        "loc": loc.ravel(), "conf": conf.ravel(), "probabilities": found.probabilities.ravel().astype(np.float32),
        "default_boxes": defaults.ravel(), "decoded": found.decoded.ravel().astype(np.float32),
        "detections": detections, "options": {"score_threshold": score_threshold, "one_label": one_label},
    }  # fmt: skip


def head_of(index):
    """Return weight and bias of the conf predictor of feature map ``index``, as tensors of JavaScript."""
    layer = tiny()[0].predictors.conf[index]
    weight, bias = layer.weight.value, layer.bias.value
    return {
        "weight": {"shape": list(weight.shape), "data": weight.ravel()},
        "bias": {"shape": list(bias.shape), "data": bias},
    }
