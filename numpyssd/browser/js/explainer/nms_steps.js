// Non-maximum suppression of one class as a list of steps: the best box that is left stays, and removes its neighbors.
import { iou } from "../network/boxes.js";
import { thresholdOf } from "../page/detections.js";
import { isShown, onlyLabel, optionsOf } from "./fates.js";

/** The threshold that steps of NMS take: the user's, or none, so that all candidates take part. */
export function nmsThreshold(threshold, isAll) {
  return isAll ? 0 : threshold;
}

/**
 * The steps of NMS for a class, best first: [{ index, row, label, score, removed: [{ row, label, score, iou }] }]; where
 * each object gets one label they are those of all classes together.
 *
 * Only detections that are shown make a step: what scores less is compared later, and cannot remove a better box.
 * removed: the boxes that it took away, best first, those over the threshold only; see nmsThreshold.
 */
export function nmsSteps(stages, classes, label, threshold) {
  const steps = [], together = optionsOf(stages).one_label;
  stages.detections.forEach((detection, index) => {
    if ((detection.label !== label && !together) || !isShown(detection, threshold)) return;
    const removed = removedBy(stages, classes, index).filter((box) => box.score > thresholdOf(threshold, box.label));
    steps.push({ index, row: detection.default_box, label: detection.label, score: detection.score, removed });
  });
  return steps;
}

/** Every box that a detection removed, also those below the threshold, best first: [{ row, label, score, iou }]. */
export function removedBy(stages, classes, index) {
  const { label: own, default_box: kept, suppressed } = stages.detections[index], together = optionsOf(stages).one_label;
  const removed = suppressed.map((row) => {
    const label = together ? onlyLabel(stages, classes, row) : own;
    return { row, label, score: stages.probabilities[row * classes + label], iou: iou(stages.decoded, 4 * kept, 4 * row) };
  });
  return removed.sort((a, b) => b.score - a.score || a.row - b.row);
}

/**
 * Where NMS decided about a score: { label, isAll, step }, the class, whether only the steps of all candidates show it,
 * and the step at which it stays or is removed; null for what took no part.
 */
export function nmsPlace(stages, classes, fate, threshold, ownLabel, score) {
  if (fate.kind !== "kept" && fate.kind !== "suppressed") return null;
  const { label } = stages.detections[fate.by], isAll = !(score > thresholdOf(threshold, ownLabel));
  const steps = nmsSteps(stages, classes, label, nmsThreshold(threshold, isAll));
  return { label, isAll, step: 1 + steps.findIndex(({ index }) => index === fate.by) };
}

/** The labels that have a detection over the threshold, best first. */
export function labelsShown(stages, threshold) {
  return [...new Set(stages.detections.filter((detection) => isShown(detection, threshold)).map((one) => one.label))];
}
