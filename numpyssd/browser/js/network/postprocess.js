// From the network's raw outputs to detections (paper, end of section 3: "Inference time").

import { decodeBoxes } from "./box_coding.js";
import { MAX_COORDINATE } from "./boxes.js";
import { softmax } from "./softmax.js";
import { keepBest } from "./suppression.js";

export const POSTPROCESS_OPTIONS = {
  score_threshold: 0.01, nms_threshold: 0.45, top_k: 400, keep_top_k: 200, one_label: false,
  clip_before_nms: false, size_limit: null,
};

/**
 * Return the detections of one image, best first, and what they were made of.
 * loc: (K * 4) offsets; conf: (K * classes) logits; boxesOfModel: (K * 4) cxcywh; options: as POSTPROCESS_OPTIONS.
 * -> {detections: [{label, score, box: [4] xyxy clipped to [0, 1], default_box: row, suppressed: [rows]}],
 *     probabilities: (K * classes), decoded: (K * 4) xyxy, not clipped unless by clip_before_nms}
 */
export function postprocess(loc, conf, classes, boxesOfModel, options = {}) {
  const chosen = { ...POSTPROCESS_OPTIONS, ...options };
  const decoded = decodeBoxes(loc, boxesOfModel, chosen.size_limit), probabilities = softmax(conf, classes);
  const [low, high] = chosen.clip_before_nms ? [0, 1] : [-MAX_COORDINATE, MAX_COORDINATE];
  const boxes = decoded.map((value) => Math.min(Math.max(value, low), high));
  const usable = boxes.slice();
  loc.forEach((offset, i) => {
    if (!Number.isFinite(offset)) usable.fill(NaN, i - (i % 4), i - (i % 4) + 4); // detects nothing
  });
  const detections = keepBest(usable, probabilities, classes, chosen).map(({ row, label, suppressed }) => ({
    label,
    score: probabilities[row * classes + label],
    box: Array.from(boxes.subarray(4 * row, 4 * row + 4), (value) => Math.min(Math.max(value, 0), 1)),
    default_box: row,
    suppressed,
  }));
  return { detections, probabilities, decoded: boxes };
}
