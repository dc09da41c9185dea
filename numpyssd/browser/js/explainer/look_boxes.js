// What is drawn over the picture beside the stages: all that the chosen box comes from, or the answer at a place.
// photo: a PhotoWithBoxes; view: see Explainer.draw; shown: [{ detection, index }] of the detections over the threshold.
import { decodedBox, defaultCorners } from "./fates.js";
import { removedBy } from "./nms_steps.js";
import { cellSquare, className } from "./place.js";
import { receptiveSquare } from "./receptive_field.js";
import { shownBox } from "./stage_shown.js";

const MOST_REMOVED = 12; // boxes that are drawn in red

/** Draw the chosen box on top of its default box, what it removed, its cell and its receptive field. */
export function drawChosen(photo, { model, stages, chosen }, shown) {
  const { place, number, detection } = chosen, classes = model.config.num_classes;
  photo.box(receptiveSquare(model, place), "field");
  photo.box(cellSquare(model, place.map, place.row, place.column), "cell");
  if (detection !== null) {
    const removed = removedBy(stages, classes, detection).slice(0, MOST_REMOVED);
    for (const { row } of removed) photo.box(decodedBox(stages, row), "suppressed");
  }
  photo.box(defaultCorners(stages, number), "default");
  for (const own of [...shown].reverse()) {
    if (own.index !== detection) photo.box(shownBox(own.detection, stages), "quiet");
  }
  const score = stages.probabilities[number * classes + chosen.label];
  const name = `${className(model, chosen.label)} ${score.toFixed(2)}`;
  photo.box(decodedBox(stages, number), "prediction", name);
  photo.say(`The picture with ${shown.length} boxes; the chosen one is ${name}.`);
}

/** Draw the place that is asked about (chosen.ask) and the best box there; found: what boxesAt returned. */
export function drawAsked(photo, { model, stages, chosen }, shown, [best]) {
  for (const { detection } of [...shown].reverse()) photo.box(shownBox(detection, stages), "quiet");
  if (best) {
    photo.box(defaultCorners(stages, best.row), "default");
    photo.box(decodedBox(stages, best.row), "prediction", `${className(model, best.label)} ${best.score.toFixed(3)}`);
    if (best.kind === "suppressed") photo.box(shownBox(stages.detections[best.by], stages), "winner");
  }
  photo.dot(...chosen.ask, "place");
  const [across, down] = chosen.ask.map((value) => Math.round(100 * value));
  photo.say(`The place that you ask about is at ${across} percent across and ${down} percent down.`);
}
