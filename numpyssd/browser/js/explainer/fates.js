// What became of every score: kept by NMS, suppressed and by which detection, dropped, or too low to take part.
import { thresholdOf } from "../page/detections.js";

export const CANDIDATE_SCORE = Math.fround(0.01); // the score that a candidate must be over (paper, section 3.7)

/** Whether a detection is shown; threshold: a number, or one for each label. */
export function isShown(detection, threshold) {
  return detection.score > thresholdOf(threshold, detection.label);
}

/** Map from row * classes + label to {kind: "kept" or "suppressed", by: the index of the detection}. */
export function fatesOf(stages, classes) {
  const fates = new Map();
  stages.detections.forEach((detection, by) => {
    for (const row of detection.suppressed) fates.set(row * classes + detection.label, { kind: "suppressed", by });
    fates.set(detection.default_box * classes + detection.label, { kind: "kept", by });
  });
  return fates;
}

/** The fate of one score; "dropped" is over 0.01, but not among the best 400 of its class or the best 200 of all. */
export function fateOf(fates, stages, classes, row, label) {
  const found = fates.get(row * classes + label);
  if (found) return found;
  return { kind: stages.probabilities[row * classes + label] > CANDIDATE_SCORE ? "dropped" : "low", by: null };
}

/** The class with the largest score of a default box, background left out: {label, score}. */
export function bestClass(stages, classes, row) {
  let label = 1;
  for (let k = 2; k < classes; k++) {
    if (stages.probabilities[row * classes + k] > stages.probabilities[row * classes + label]) label = k;
  }
  return { label, score: stages.probabilities[row * classes + label] };
}

/** Every score over the threshold, best first: [{row, label, score}]; threshold as in thresholdOf. */
export function candidatesOver(stages, classes, threshold) {
  const found = [], rows = stages.probabilities.length / classes;
  for (let row = 0; row < rows; row++) {
    for (let label = 1; label < classes; label++) {
      const score = stages.probabilities[row * classes + label];
      if (score > thresholdOf(threshold, label)) found.push({ row, label, score });
    }
  }
  return found.sort((a, b) => b.score - a.score || a.label - b.label || a.row - b.row);
}

/** The decoded box of a row, [x1, y1, x2, y2] in fractions of the image; it may reach beyond. */
export function decodedBox(stages, row) {
  return Array.from(stages.decoded.subarray(row * 4, row * 4 + 4));
}

/** The default box of a row as corners, in fractions of the image. */
export function defaultCorners(stages, row) {
  const [cx, cy, w, h] = stages.default_boxes.subarray(row * 4, row * 4 + 4);
  return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
}
