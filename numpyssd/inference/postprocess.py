"""From the network's raw outputs to detections (paper, end of section 3: "Inference time").

- softmax over the classes, and the boxes decoded, here;
- for each class the scores above 0.01, and of these the best 400 (suppression.py);
- non-maximum suppression at 0.45, each class for itself (Caffe), or all classes together (``one_label``);
- the best 200 over all classes.

Caffe (detection_output_layer.cpp) runs NMS on boxes that are not clipped yet, and clips the result; so does this.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import MAX_COORDINATE, as_boxes, cxcywh_to_xyxy
from numpyssd.drawing import draw_boxes, draw_image, legend
from numpyssd.inference.suppression import keep_best
from numpyssd.model.box_coding import decode
from numpyssd.softmax import softmax


class Explained(NamedTuple):
    """Detections, best first, and what each was made of; K default boxes, C classes, D detections."""

    boxes: np.ndarray  # (D, 4) xyxy, clipped to [0, 1]
    labels: np.ndarray  # (D,) int64
    scores: np.ndarray  # (D,)
    default_box: np.ndarray  # (D,) int64, the row of its default box
    offsets: np.ndarray  # (D, 4) that row of loc
    suppressed: list  # D arrays of rows: the default boxes that it removed: of its class, with one_label of any class
    probabilities: np.ndarray  # (K, C)
    decoded: np.ndarray  # (K, 4) xyxy, not clipped, unless by clip_before_nms


def postprocess(
    loc, conf, default_boxes, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200,
    clip_before_nms=False, size_limit=None, one_label=False,
):  # fmt: skip
    """Return the detections of one image: boxes (D, 4) xyxy clipped to [0, 1], labels (D,), scores (D,), best first.

    - loc: (K, 4) offsets; conf: (K, C) logits, background first; default_boxes: (K, 4) cxcywh;
    - score_threshold: a score must be greater; a number, or one for each label (C - 1,), label 1 first;
    - nms_threshold, top_k: the IoU threshold of NMS, and how many of the best boxes of each class take part;
    - keep_top_k: how many detections of all classes stay; None, here and for top_k: all;
    - clip_before_nms: clip the boxes to the image before NMS, as torchvision does and Caffe does not;
    - size_limit: goes to ``decode``; torchvision has one, Caffe has none;
    - one_label: NMS across the classes, so that no object has two labels. A default box stands for its best candidate
      class alone, and top_k times the number of classes take part.

    Equal scores: the lower class first, then the lower default box (with one_label the lower default box). A default
    box with a loc that is not finite, or with NaN scores, detects nothing. Raises ValueError for other shapes. Paper:
    end of section 3; it says nothing of one_label, which other detectors call class-agnostic NMS.
    """
    return postprocess_explained(
        loc, conf, default_boxes, score_threshold, nms_threshold, top_k, keep_top_k, clip_before_nms, size_limit,
        one_label,
    )[:3]  # fmt: skip


def postprocess_explained(
    loc, conf, default_boxes, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200,
    clip_before_nms=False, size_limit=None, one_label=False,
):  # fmt: skip
    """Do what ``postprocess`` does, but return an Explained, with the default box of each detection."""
    loc, conf, default_boxes = _checked(loc, conf, default_boxes, keep_top_k)
    with np.errstate(over="ignore", invalid="ignore"):  # whatever comes of it is cut at MAX_COORDINATE, or dropped
        low, high = (0, 1) if clip_before_nms else (-MAX_COORDINATE, MAX_COORDINATE)
        decoded = np.clip(decode(loc, default_boxes, size_limit), low, high)  # (K, 4)
        probabilities = softmax(conf)  # (K, C)
    boxes = np.where(np.isfinite(loc).all(axis=1, keepdims=True), decoded, np.nan)  # (K, 4); NaN detects nothing
    rows, labels, suppressed = keep_best(
        boxes, probabilities, score_threshold, nms_threshold, top_k, keep_top_k, one_label
    )
    return Explained(
        np.clip(decoded[rows], 0, 1), labels, probabilities[rows, labels], rows, loc[rows], suppressed, probabilities,
        decoded,
    )  # fmt: skip


def _checked(loc, conf, default_boxes, keep_top_k):
    default_boxes, loc, conf = as_boxes(default_boxes, "default_boxes"), as_boxes(loc, "loc"), np.asarray(conf)
    count = len(default_boxes)
    if len(loc) != count:
        raise ValueError(f"loc must have the shape ({count}, 4), one row for each default box, but has {loc.shape}")
    if conf.ndim != 2 or len(conf) != count or conf.shape[1] == 0:
        raise ValueError(f"conf must have the shape ({count}, C) with background as class 0, but has {conf.shape}")
    if keep_top_k is not None and keep_top_k < 0:
        raise ValueError(f"keep_top_k must be 0 or more, or None for all detections, not {keep_top_k}")
    return loc, conf, default_boxes


# ---------------------------------------------------------------------------------------------------------------------


def draw_postprocess(axes, image, found, default_boxes, class_names, score_threshold=0.5):
    """Draw on the left every decoded box over the threshold, on the right the detections and their default boxes.

    axes: two; image: (H, W, 3); found: an Explained, made with default_boxes (K, 4) cxcywh; class_names: of 1, 2, ...
    """
    pixels = np.array(image.shape[1::-1] * 2)  # (4,)
    for ax in axes:
        draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the boxes stand out
    over = found.probabilities[:, 1:].max(axis=1, initial=0) > score_threshold  # (K,)
    draw_boxes(axes[0], found.decoded[over] * pixels, "prediction", linewidth=0.8)
    axes[0].set_title(f"decoded: {over.sum()} of {len(over)} boxes score above {score_threshold}", fontsize=11)
    shown = np.flatnonzero(found.scores > score_threshold)
    texts = []
    for label, score, removed in zip(found.labels[shown], found.scores[shown], [found.suppressed[d] for d in shown]):
        count = (found.probabilities[removed, label] > score_threshold).sum()
        texts.append(f"{class_names[label - 1]} {score:.2f}, removed {count}")
    draw_boxes(axes[1], cxcywh_to_xyxy(default_boxes[found.default_box[shown]]) * pixels, "default box", linewidth=1.8)
    draw_boxes(axes[1], found.boxes[shown] * pixels, "prediction", texts)
    axes[1].set_title(f"after NMS: {len(shown)}, each from one default box", fontsize=11)
    legend(axes[1], "default box", "prediction", loc="upper left")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("inference.postprocess")
