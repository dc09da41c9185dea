"""Postprocessing in JavaScript beside Python's, on many default boxes and with every option."""

import numpy as np
import pytest

from numpyssd.inference.postprocess import postprocess_explained

CLASSES, COUNT = 5, 600
OPTIONS = {
    "as usual": {},
    "other thresholds": {"score_threshold": 0.2, "nms_threshold": 0.3},
    "a threshold for each class": {"score_threshold": [0.9, 0.1, 0.5, 0.3]},
    "few": {"top_k": 20, "keep_top_k": 7},
    "all": {"top_k": None, "keep_top_k": None},
    "one label": {"one_label": True},
    "one label of few": {"one_label": True, "top_k": 10, "score_threshold": 0.3},
    "clipped before": {"clip_before_nms": True},
    "a limited size": {"size_limit": 1.5},
}


def raw(seed=0):
    rng = np.random.default_rng(seed)
    loc = rng.normal(0, 1, (COUNT, 4)).astype(np.float32)
    conf = rng.normal(0, 2, (COUNT, CLASSES)).astype(np.float32).round(1)  # so that scores are equal
    boxes = np.concatenate([rng.uniform(0, 1, (COUNT, 2)), rng.uniform(0.05, 0.4, (COUNT, 2))], axis=1)
    loc[:6, 1] = np.nan, np.inf, -np.inf, 0, 0, 0
    loc[6, 2], loc[7, 3] = 1e4, -1e4  # a box that overflows, and one without height
    conf[8, 1], conf[9, 0] = np.nan, np.inf
    return loc, conf, boxes.astype(np.float32)


@pytest.mark.parametrize("name", OPTIONS)
def test_finds_what_python_finds(node, name):
    loc, conf, boxes = raw()
    wanted = postprocess_explained(loc, conf, boxes, **OPTIONS[name])
    found = node.call("network/postprocess.js", "postprocess", loc, conf, CLASSES, boxes, OPTIONS[name])
    detections = found["detections"]
    assert [one["label"] for one in detections] == wanted.labels.tolist()
    assert [one["default_box"] for one in detections] == wanted.default_box.tolist()
    assert [sorted(one["suppressed"]) for one in detections] == [sorted(rows.tolist()) for rows in wanted.suppressed]
    np.testing.assert_allclose([one["score"] for one in detections], wanted.scores, rtol=1e-6)
    np.testing.assert_allclose([one["box"] for one in detections], wanted.boxes, atol=1e-6)
    np.testing.assert_allclose(found["probabilities"], wanted.probabilities.ravel(), rtol=1e-5, atol=1e-7)
    usable = np.isfinite(loc).all(axis=1)  # of the others nothing is said
    np.testing.assert_allclose(found["decoded"].reshape(-1, 4)[usable], wanted.decoded[usable], rtol=1e-5, atol=1e-6)


def test_nothing_is_found_in_nothing(node):
    nothing = np.zeros(0, np.float32)
    found = node.call("network/postprocess.js", "postprocess", nothing, nothing, CLASSES, nothing)
    assert found["detections"] == []
