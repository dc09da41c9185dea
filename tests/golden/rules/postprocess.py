"""From raw outputs to detections (paper, end of section 3; Caffe: detection_output_layer.cpp)."""

from tests.golden.rules.box_coding import decode
from tests.golden.rules.losses import softmax
from tests.golden.rules.nms import nms


def postprocess(loc, conf, default_boxes, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200):
    """Return the detections of one image, best first: clipped boxes (xyxy), labels, scores, default boxes' indices."""
    boxes = [decode(offsets, default_box) for offsets, default_box in zip(loc, default_boxes)]
    probabilities = [softmax(logits) for logits in conf]
    found = []
    for label in range(1, len(conf[0])):  # 0 is background
        candidates = [k for k in range(len(boxes)) if probabilities[k][label] > score_threshold]
        scores = [probabilities[k][label] for k in candidates]
        for i in nms([boxes[k] for k in candidates], scores, nms_threshold, top_k):  # not clipped yet
            found.append((scores[i], label, candidates[i]))
    found.sort(key=lambda row: -row[0])  # stable: of equal scores the lower class, within it the order of nms
    found = found[:keep_top_k]
    clipped = [[min(max(value, 0.0), 1.0) for value in boxes[k]] for _, _, k in found]
    return clipped, [label for _, label, _ in found], [score for score, _, _ in found], [k for _, _, k in found]
