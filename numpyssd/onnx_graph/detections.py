"""From the raw outputs to detections, as ONNX nodes: what ``inference.postprocess`` does, for one image.

ONNX's NonMaxSuppression gets each class as an entry of a batch, with its best 400 candidates as boxes. In one point the
operator has our rule; three points the standard leaves open, and the nodes around it settle them for every runtime:

- IoU: a box is removed if its IoU is greater than the threshold, and stays at exactly the threshold, as here.
- Score: here a score must be greater than 0.01. The standard removes scores below its threshold, ONNX Runtime those
  that are not greater. So candidates are selected before, all others get -1, and the operator's own threshold is 0.
- Ties: the standard does not say which of two equal scores goes first. For TopK it does (the lower index), so TopK
  gives the operator its candidates in order.
- Order: the standard does not say in which order boxes come out. So the scores of the kept boxes are written back to
  their places, with 0 everywhere else, and the last TopK reads class after class; a 0 in its result is no detection.
"""

import math

import numpy as np

from numpyssd.boxes import MAX_COORDINATE
from numpyssd.config import VARIANCES
from numpyssd.model.default_boxes import default_boxes
from numpyssd.onnx_graph.graph import Value


def detections(
    graph, config, loc, conf, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200, one_label=False
):
    """Append decoding and NMS of loc (1, K, 4) and conf (1, K, C); the detections become the outputs of the graph.

    The outputs are boxes (D, 4) xyxy clipped to [0, 1], labels (D,) and scores (D,), best first, the same as those of
    ``postprocess`` with the same arguments; D may be 0.
    """
    loc = graph.add("Squeeze", "loc.one", loc, np.array([0]))  # (K, 4)
    conf = graph.add("Squeeze", "conf.one", conf, np.array([0]))  # (K, C)
    boxes = decode(graph, config, loc)  # (K, 4)
    if config.clip_before_nms:
        boxes = graph.add("Clip", "decoded.clipped", boxes, np.float32(0), np.float32(1))
    scores = candidate_scores(graph, loc, conf, score_threshold)  # (C - 1, K)
    count, classes = len(graph.constants["default_boxes.center"]), config.num_classes - 1
    if one_label:  # the best candidate class of each default box, and then all boxes are those of one class
        best_class = graph.add("ArgMax", "class.best", scores, axis=0, keepdims=0)  # (K,), from 0; of equals the lowest
        scores = graph.add("ReduceMax", "class.best.score", scores, axes=[0], keepdims=1)  # (1, K)
        classes, top_k = 1, top_k * classes
    top_k = min(top_k, count)

    # From here on C is 2 if one_label.
    scores, rows = graph.add("TopK", ("best.scores", "best.rows"), scores, np.array([top_k]), axis=1)  # (C - 1, top_k)
    boxes = graph.add("Gather", "best.boxes", boxes, rows, axis=0)  # (C - 1, top_k, 4)
    kept = nms(graph, boxes, scores, nms_threshold, np.zeros((classes, top_k), np.float32))  # (C - 1, top_k)

    kept = graph.add("Reshape", "kept.flat", kept, np.array([-1]))  # ((C - 1) * top_k,), class after class
    most = np.array([min(keep_top_k, classes * top_k)])
    scores, places = graph.add("TopK", ("final.scores", "final.places"), kept, most, axis=0)  # (most,)
    found = graph.add("Greater", "found", scores, np.float32(0))
    graph.add("Compress", "scores", scores, found, axis=0)  # (D,)
    places = graph.add("Compress", "places", places, found, axis=0)  # (D,)
    boxes = graph.add("Reshape", "best.boxes.flat", boxes, np.array([-1, 4]))  # ((C - 1) * top_k, 4)
    boxes = graph.add("Gather", "boxes.unclipped", boxes, places, axis=0)  # (D, 4)
    graph.add("Clip", "boxes", boxes, np.float32(0), np.float32(1))
    if one_label:
        row = graph.add(
            "Gather", "best.row", graph.add("Reshape", "best.rows.flat", rows, np.array([-1])), places, axis=0
        )
        label = graph.add("Gather", "labels.from_0", best_class, row, axis=0)
    else:
        label = graph.add("Div", "labels.from_0", places, np.array(top_k))  # which row of (C - 1, top_k)
    graph.add("Add", "labels", label, np.array(1))  # the rows began at class 1
    graph.outputs |= {
        "boxes": Value("float32", ("D", 4)),
        "labels": Value("int64", ("D",)),
        "scores": Value("float32", ("D",)),
    }


def decode(graph, config, loc):
    """Append the inverse of equation 2: offsets (K, 4) to boxes (K, 4) xyxy, clipped only where they overflow."""
    boxes = default_boxes(config)  # (K, 4) cxcywh
    center = graph.constant("default_boxes.center", boxes[:, :2])  # (K, 2)
    size = graph.constant("default_boxes.size", boxes[:, 2:])  # (K, 2)
    step, growth = graph.add("Split", ("loc.center", "loc.size"), loc, axis=1)  # (K, 2) each: two halves by default
    step = graph.add("Mul", "step.unit", step, np.float32(VARIANCES[0]))
    center = graph.add("Add", "center", center, graph.add("Mul", "step", step, size))  # (K, 2)
    growth = graph.add("Mul", "growth.log", growth, np.float32(VARIANCES[1]))
    if config.size_limit is not None:
        growth = graph.add("Min", "growth.limited", growth, np.float32(math.log(config.size_limit)))
    size = graph.add("Mul", "size", size, graph.add("Exp", "growth", growth))  # (K, 2)
    half = graph.add("Mul", "half", size, np.float32(0.5))
    low, high = graph.add("Sub", "low", center, half), graph.add("Add", "high", center, half)
    boxes = graph.add("Concat", "corners", low, high, axis=1)  # (K, 4)
    return graph.add("Clip", "decoded", boxes, np.float32(-MAX_COORDINATE), np.float32(MAX_COORDINATE))


def candidate_scores(graph, loc, conf, score_threshold):
    """Append the softmax; return the scores (C - 1, K) of the foreground classes, -1 for what is no candidate.

    No candidate is a score that is not greater than the threshold (NaN never is), or a loc that is not finite.
    """
    scores = graph.add("Softmax", "probabilities", conf, axis=1)  # (K, C)
    scores = graph.add("Transpose", "by_class", scores, perm=[1, 0])  # (C, K)
    first, end, axis = np.array([1]), np.array([np.iinfo(np.int64).max]), np.array([0])
    scores = graph.add("Slice", "foreground", scores, first, end, axis)  # (C - 1, K), without background
    size = graph.add("Abs", "loc.absolute", loc)
    finite = graph.add("Less", "loc.finite", size, np.float32(np.inf))  # (K, 4), false for NaN
    finite = graph.add("Cast", "loc.finite.number", finite, to="float32")  # there is no "all" for booleans
    finite = graph.add("ReduceMin", "loc.finite.row", finite, axes=[1], keepdims=0)  # (K,)
    finite = graph.add("Cast", "loc.usable", finite, to="bool")
    over = graph.add("Greater", "over_threshold", scores, np.float32(score_threshold))  # (C - 1, K)
    candidate = graph.add("And", "candidate", over, finite)
    return graph.add("Where", "candidate.scores", candidate, scores, np.float32(-1))


def nms(graph, boxes, scores, nms_threshold, zeros):
    """Append non-maximum suppression of boxes (C - 1, top_k, 4) by scores (C - 1, top_k), each class for itself.

    Return the scores, with 0 for every box that was removed or was no candidate. zeros: an array of their shape.
    """
    # (C - 1, 1, top_k): the operator wants batch, class, box. Its boxes are (y, x, y, x), ours (x, y, x, y):
    # exchanging x and y does not change an IoU.
    entries = graph.add("Unsqueeze", "best.scores.batch", scores, np.array([1]))
    limits = np.array([zeros.shape[1]]), np.float32([nms_threshold]), np.float32([0])
    selected = graph.add("NonMaxSuppression", "selected", boxes, entries, *limits)  # (kept, 3): entry, class, box
    place = graph.add("Gather", "selected.place", selected, np.array([0, 2]), axis=1)  # (kept, 2): class, rank
    best = graph.add("GatherND", "selected.scores", scores, place)  # (kept,)
    return graph.add("ScatterND", "kept.scores", zeros, place, best)
