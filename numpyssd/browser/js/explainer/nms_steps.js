// Non-maximum suppression of one class as a list of steps: the best box that is left stays, and removes its neighbors.
import { iou } from "../network/boxes.js";
import { thresholdOf } from "../page/detections.js";
import { isShown } from "./fates.js";

/**
 * The steps of NMS for a class, best first: [{ index, row, score, removed: [{ row, score, iou }] }].
 *
 * Only detections that are shown make a step: what scores less is compared later, and cannot remove a better box.
 * removed: the boxes that it took away, best first, those over the threshold only.
 */
export function nmsSteps(stages, classes, label, threshold) {
  const least = thresholdOf(threshold, label), steps = [];
  stages.detections.forEach((detection, index) => {
    if (detection.label !== label || !isShown(detection, threshold)) return;
    const removed = removedBy(stages, classes, index).filter((box) => box.score > least);
    steps.push({ index, row: detection.default_box, score: detection.score, removed });
  });
  return steps;
}

/** Every box that a detection removed, also those below the threshold, best first: [{ row, score, iou }]. */
export function removedBy(stages, classes, index) {
  const { label, default_box: kept, suppressed } = stages.detections[index];
  const removed = suppressed.map((row) => ({
    row, score: stages.probabilities[row * classes + label], iou: iou(stages.decoded, 4 * kept, 4 * row),
  }));
  return removed.sort((a, b) => b.score - a.score || a.row - b.row);
}

/** The labels that have a detection over the threshold, best first. */
export function labelsShown(stages, threshold) {
  return [...new Set(stages.detections.filter((detection) => isShown(detection, threshold)).map((one) => one.label))];
}
