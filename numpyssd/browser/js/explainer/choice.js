// What is chosen in the explainer: a default box and a class, and what follows from them.
import { iou } from "../network/boxes.js";
import { bestClass, fateOf, fatesOf, isShown } from "./fates.js";
import { nmsPlace } from "./nms_steps.js";
import { placeOf, rowAt, stepOf } from "./place.js";
import { boxesAt } from "./why_no_box.js";

const SAME_OBJECT = 0.3; // IoU of a box with the one before

export const NOTHING_CHOSEN = {
  number: 0, label: 1, place: null, detection: null, // a default box and a class; the detection that they are, or null
  channel: null, // of the feature map; null: the one that counts most
  against: null, // a class to compare the score with
  nmsLabel: 1, nmsStep: 0, nmsAll: false, // whether step 6 shows all candidates, not only those over the threshold
  ask: null, // the place [x, y] that is asked about
  pinned: false, // whether a pointer that passes over other boxes leaves it as it is
};

/** The choice after a change; patch: fields of a choice, or { map }, { cell: [row, column] } or { box }. */
export function afterChange(model, stages, threshold, choice, patch) {
  const { map, cell, box, ...plain } = patch, next = { ...choice, ...plain }, classes = model.config.num_classes;
  if (plain.detection !== undefined && plain.detection !== null) {
    const found = stages.detections[plain.detection];
    return withNms(stages, threshold, classes, fresh(model, next, found.default_box, found.label, plain.detection));
  }
  if (plain.ask) { // all follows the place that is asked about
    const [best] = boxesAt(model, stages, ...plain.ask, threshold);
    if (!best) return next;
    const chosen = fresh(model, { ...next, pinned: true }, best.row, best.label, detectionOf(stages, best.row, best.label));
    return withNms(stages, threshold, classes, chosen);
  }
  let number = plain.number ?? null;
  if (map !== undefined && cell === undefined) number = nearestIn(model, choice.place, map);
  else if (cell) number = rowAt(model, boxWithin(model, { ...choice.place, map: map ?? choice.place.map, row: cell[0], column: cell[1] }));
  else if (box !== undefined) number = rowAt(model, { ...choice.place, box });
  if (number !== null && number !== choice.number) {
    const label = plain.label ?? bestClass(stages, classes, number).label;
    const chosen = fresh(model, { ...next, pinned: true }, number, label, detectionOf(stages, number, label));
    return withNms(stages, threshold, classes, chosen);
  }
  if (plain.label !== undefined) {
    next.detection = detectionOf(stages, next.number, plain.label);
    next.channel = null;
    if (next.against === plain.label) next.against = null;
    return withNms(stages, threshold, classes, next);
  }
  return next;
}

/** The detection that a default box has become as this class, or null. */
function detectionOf(stages, number, label) {
  const index = stages.detections.findIndex((found) => found.default_box === number && found.label === label);
  return index < 0 ? null : index;
}

function fresh(model, choice, number, label, detection) {
  return { ...choice, number, label, detection, place: placeOf(model, number), channel: null, against: null };
}

// The steps of NMS follow the choice: to its class, and to the step at which it stays or is removed.
function withNms(stages, threshold, classes, choice) {
  const { number, label } = choice, score = stages.probabilities[number * classes + label];
  if (label === 0) return choice;
  const place = nmsPlace(stages, classes, fateOf(fatesOf(stages, classes), stages, classes, number, label), threshold, label, score);
  if (!place) return choice;
  return { ...choice, nmsLabel: place.label, nmsStep: place.step, nmsAll: place.isAll };
}

/** The default box of another map that lies where the chosen one does. */
function nearestIn(model, place, map) {
  const middle = (index) => (index + 0.5) * stepOf(model, place.map), { size } = model.config.feature_maps[map];
  const cell = (index) => Math.min(size - 1, Math.floor(middle(index) / stepOf(model, map)));
  return rowAt(model, boxWithin(model, { map, row: cell(place.row), column: cell(place.column), box: place.box }));
}

function boxWithin(model, place) {
  return { ...place, box: Math.min(place.box, model.predictors[place.map].boxes_per_cell - 1) };
}

/**
 * The choice for new stages: the default box that was chosen by itself; else the same object, if it is still found; else
 * the best detection that is shown, or the best of all; else the best score.
 *
 * before: the choice before, and decoded: the box of its detection in fractions of the image, or null.
 */
export function choiceFor(model, stages, threshold, before) {
  const classes = model.config.num_classes, keep = { ...NOTHING_CHOSEN, ask: before.ask };
  if (before.ask) {
    const other = choiceFor(model, stages, threshold, { ...before, ask: null });
    return afterChange(model, stages, threshold, other, { ask: before.ask });
  }
  if (before.pinned && before.detection === null) {
    const { number, label } = before, detection = detectionOf(stages, number, label);
    return withNms(stages, threshold, classes, { ...fresh(model, keep, number, label, detection), pinned: true });
  }
  // What nobody chose gives way to a better box of another class on the same object.
  const isSame = ({ default_box: row, label }) => before.decoded && (label === before.label || !before.pinned) &&
    iou([...stages.decoded.subarray(4 * row, 4 * row + 4), ...before.decoded], 0, 4) > SAME_OBJECT;
  const shown = (found) => isShown(found, threshold), again = stages.detections.findIndex((found) => shown(found) && isSame(found));
  const best = Math.max(0, stages.detections.findIndex(shown)), detection = again >= 0 ? again : best;
  if (stages.detections.length) {
    return afterChange(model, stages, threshold, { ...keep, pinned: before.pinned && again >= 0 }, { detection });
  }
  let number = 0;
  for (let row = 1; row < stages.default_boxes.length / 4; row++) {
    if (bestClass(stages, classes, row).score > bestClass(stages, classes, number).score) number = row;
  }
  return fresh(model, keep, number, bestClass(stages, classes, number).label, null);
}
