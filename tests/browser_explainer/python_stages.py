"""The stages of a detection as js/network/detect.js returns them, but computed by NumPy: what is explained."""

import functools

import numpy as np

from numpyssd.browser.network import describe
from numpyssd.datasets.shapes import render
from numpyssd.images.preprocess import preprocess, resize
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.default_boxes import default_boxes
from numpyssd.weights import load_model

CLASSES = 6  # of the built-in model, background included
# Boxes of made-up scenes: the second lies on the first, the third beside them.
BOX, NEAR, APART = [0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.48], [0.3, 0.1, 0.7, 0.5]


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


def scene(*boxes):
    """Return stages of detections that a test makes up: (label, score, second label, its score, box) each."""
    stages = dict(stages_of(0), detections=[], width=100, height=100)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES) * 0, stages["decoded"].reshape(-1, 4).copy()
    for row, (label, score, second, less, box) in enumerate(boxes):
        scores[row, [label, second]], decoded[row] = (score, less), box
        name = tiny()[0].class_names[label - 1]
        stages["detections"].append(
            {
                "label": label,
                "name": name,
                "score": score,
                "box": [100 * v for v in box],
                "default_box": row,
                "suppressed": [],
            }
        )
    return stages | {"probabilities": scores.ravel(), "decoded": decoded.ravel()}


def chosen_for(node, stages, threshold, **patch):
    """Return the choice in the explainer when these stages come, after a change of it."""
    start = node.call(
        "explainer/choice.js", "choiceFor", tiny()[1], stages, threshold,
        {"label": 1, "pinned": False, "ask": None, "detection": None, "decoded": None},
    )  # fmt: skip
    return node.call("explainer/choice.js", "afterChange", tiny()[1], stages, threshold, start, patch)
