// What became of every score: kept by NMS, suppressed and by which detection, dropped, or too low to take part.
// stages: what js/network/detect.js returns; classes: their number, background included; row: of a default box.
import { POSTPROCESS_OPTIONS } from "../network/postprocess.js";
import { thresholdOf } from "../page/detections.js";

/** By which options the detections of an image were made: those of js/network/postprocess.js. */
export function optionsOf(stages) {
  return stages.options ?? POSTPROCESS_OPTIONS;
}

/** The score that a candidate of a label must be over: 0.01 (paper, section 3.7), unless the page asked for another. */
export function candidateScore(stages, label) {
  return thresholdOf(optionsOf(stages).score_threshold, label);
}

/** What the score of a candidate is, in words. */
export function candidateWords(stages) {
  const least = optionsOf(stages).score_threshold;
  return typeof least === "number" ? `over ${least}` : "over that of its class";
}

/** The only label that a default box stands for where each object gets one: its best candidate; 0 where it has none. */
export function onlyLabel(stages, classes, row) {
  let best = 0;
  for (let label = 1; label < classes; label++) {
    const score = stages.probabilities[row * classes + label];
    if (score > candidateScore(stages, label) && (!best || score > stages.probabilities[row * classes + best])) best = label;
  }
  return best;
}

/** Whether a detection is shown; threshold: a number, or one for each label. */
export function isShown(detection, threshold) {
  return detection.score > thresholdOf(threshold, detection.label);
}

/** The number of a detection among those that are shown, from 1 on. */
export function shownNumber(stages, threshold, index) {
  return 1 + stages.detections.slice(0, index).filter((detection) => isShown(detection, threshold)).length;
}

/** Map from row * classes + label to {kind: "kept" or "suppressed", by: the index of the detection}. */
export function fatesOf(stages, classes) {
  const fates = new Map();
  stages.detections.forEach((detection, by) => {
    for (const row of detection.suppressed) {
      const label = optionsOf(stages).one_label ? onlyLabel(stages, classes, row) : detection.label;
      fates.set(row * classes + label, { kind: "suppressed", by });
    }
    fates.set(detection.default_box * classes + detection.label, { kind: "kept", by });
  });
  return fates;
}

/**
 * The fate of one score. "dropped" is a candidate, but not among the best 400 of its class or the best 200 of all;
 * "other": its default box stands for another class, as each object gets one label.
 */
export function fateOf(fates, stages, classes, row, label) {
  const found = fates.get(row * classes + label);
  if (found) return found;
  if (!(stages.probabilities[row * classes + label] > candidateScore(stages, label))) return { kind: "low", by: null };
  const isOther = optionsOf(stages).one_label && onlyLabel(stages, classes, row) !== label;
  return { kind: isOther ? "other" : "dropped", by: null };
}

/** The class with the largest score of a default box, background left out: {label, score}. */
export function bestClass(stages, classes, row) {
  let label = 1;
  for (let k = 2; k < classes; k++) {
    if (stages.probabilities[row * classes + k] > stages.probabilities[row * classes + label]) label = k;
  }
  return { label, score: stages.probabilities[row * classes + label] };
}

/** Every score that is a candidate and over the threshold, best first: [{row, label, score}]; see thresholdOf. */
export function candidatesOver(stages, classes, threshold) {
  const found = [], rows = stages.probabilities.length / classes, together = optionsOf(stages).one_label;
  const least = Array.from({ length: classes }, (_, label) => (
    label ? Math.max(candidateScore(stages, label), thresholdOf(threshold, label)) : 0
  ));
  for (let row = 0; row < rows; row++) {
    const only = together ? onlyLabel(stages, classes, row) : 0;
    for (let label = only || 1; label <= (together ? only : classes - 1); label++) {
      const score = stages.probabilities[row * classes + label];
      if (score > least[label]) found.push({ row, label, score });
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
