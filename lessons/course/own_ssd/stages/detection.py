"""Stages 15 to 17: decoding, NMS, and the detections of an image."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.reference import CONFIG, weights_of
from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages import scene
from numpyssd import kernels
from numpyssd.inference.nms import nms
from numpyssd.inference.postprocess import postprocess
from numpyssd.inference.suppression import keep_best
from numpyssd.model.box_coding import decode
from numpyssd.softmax import softmax

THRESHOLD = 0.65  # so few detections that none of them depends on the last digit
SIDE = CONFIG.image_size


@cache
def decode_cases():
    """Return the case of decode_box for all default boxes."""
    loc = scene.outputs()[0][0].astype(np.float64)
    right = decode(loc, scene.defaults()).T  # (4, K)
    run = calling("decode_box", loc.T, scene.defaults().T)
    return [Case("decode_box(loc.T, default_boxes.T)", run, right, ("value", "column"))]


@cache
def nms_cases():
    """Return the case of nms for many boxes."""
    rng = np.random.default_rng(9)
    low = rng.uniform(0, 40, (150, 2))
    boxes, scores = np.concatenate([low, low + rng.uniform(5, 30, (150, 2))], axis=1), rng.permutation(150) / 150
    run = calling("nms", boxes, scores, 0.45)
    return [Case("nms(boxes, scores, 0.45), 150 boxes", run, nms(boxes, scores), ("place",), (), 0)]


@cache
def detection_cases():
    """Return the case of detect."""
    loc, conf = _raw()
    boxes, labels, scores = right = _library(loc, conf)
    causes = (
        Cause("the boxes are fractions of the image. Turn them into pixels at the end.",
              lambda: (boxes / SIDE, labels, scores)),
        Cause("0 is background, so that labels begin at 1. Yours are one too low.",
              lambda: (boxes, labels - 1, scores)),
        Cause("background is taken for a class.", lambda: _with_background(loc, conf)),
        Cause("there is no NMS.", lambda: _library(loc, conf, nms_threshold=1)),
        Cause("NMS looks at all classes together. Each class has its own.",
              lambda: _library(loc, conf, one_label=True)),
        Cause("the network is in training: forward(..., False).", lambda: _library(*_raw(training=True))),
        Cause("the boxes are not clipped to the image.", lambda: _not_clipped(loc, conf)),
        Cause("the boxes are clipped before NMS. It should see them as they are (lesson 14).",
              lambda: _library(loc, conf, clip_before_nms=True)),
        Cause("the variances are missing: times 0.1 for the center, 0.2 for the logarithm.",
              lambda: _library(loc / (0.1, 0.1, 0.2, 0.2), conf)),
        Cause("these are the default boxes: the offsets are not used.", lambda: _library(0 * loc, conf)),
        Cause("the scores are logits. Softmax makes probabilities of them.", lambda: _by_scores(loc, conf)),
        Cause("the scores are sigmoids. The classes of a box exclude one another: softmax.",
              lambda: _by_scores(loc, 1 / (1 + np.exp(-conf)))),
        Cause("the softmax is taken over the boxes. It is over the classes.",
              lambda: _by_scores(loc, softmax(conf.T).T)),
        Cause("the mean is not subtracted from the image: prepare.", lambda: _library(*_raw(mean=0))),
        *(Cause("the threshold of NMS is not 0.45.",
                lambda threshold=threshold: _library(loc, conf, nms_threshold=threshold))
          for threshold in (0.3, 0.4, 0.5, 0.6)),
    )  # fmt: skip
    run = calling("detect", *weights_of(_model()), scene.samples()[0][0], THRESHOLD)
    return [Case(f"detect(weights, averages, image, {THRESHOLD})", run, right, ("detection", "value"), causes, 1e-3)]


def _model():
    """Return the network with larger boxes, so that many overlap."""
    model = scene.model()
    for layer in model.predictors.loc:
        layer.bias.value = layer.bias.value + np.tile([0, 0, 3, 3], len(layer.bias.value) // 4).astype(np.float32)
    return model


def _raw(training=False, mean=1):
    """Return loc (K, 4) and conf (K, C) of the first image; mean: 0 if it is not subtracted."""
    model = _model()
    model.training = training
    pixels = scene.pixels()[:1] + np.array(CONFIG.mean, np.float32) * (1 - mean)
    with kernels.using("reference"):
        loc, conf = (model.forward if training else model.infer)(pixels)
    return loc[0], conf[0]


def _library(loc, conf, **options):
    """Return boxes in pixels, labels and scores, as numpyssd makes them."""
    boxes, labels, scores = postprocess(loc, conf, scene.defaults(), THRESHOLD, top_k=None, **options)
    return boxes * SIDE, labels, scores


def _with_background(loc, conf):
    """Return what comes out if column 0 is not left out."""
    shifted = np.concatenate([np.full((len(conf), 1), -np.inf), conf], axis=1)
    boxes, labels, scores = _library(loc, shifted)
    return boxes, labels - 1, scores


def _by_scores(loc, scores):
    """Return boxes, labels and scores for other scores (K, C) than the softmax."""
    boxes, labels, scores = _unclipped(loc, scores)
    return boxes.clip(0, SIDE), labels, scores


def _not_clipped(loc, conf):
    return _unclipped(loc, softmax(conf))


def _unclipped(loc, scores):
    decoded = decode(loc, scene.defaults())
    rows, labels, _ = keep_best(decoded, scores, THRESHOLD, top_k=None)
    return decoded[rows] * SIDE, labels, scores[rows, labels]


STAGES = (
    Stage("decoding", ("decode_box",), (), decode_cases),
    Stage("NMS", ("nms", "nms_each_class"), (), nms_cases, ("IoU",)),
    Stage(
        "detection", ("detections_over", "to_pixels"), ("detect",), detection_cases, ("predictions", "decoding", "NMS")
    ),
)
