// Why was this box found: sentences about one detection, the most telling first.
import { iou } from "../network/boxes.js";
import { countsOfClasses, thresholdOf } from "../page/detections.js";
import { isShown, optionsOf, shownNumber } from "./fates.js";
import { removedBy } from "./nms_steps.js";
import { toldFrom } from "./numbers.js";
import { className, placeOf } from "./place.js";
import { receptiveSquare } from "./receptive_field.js";

const CLOSE = 0.8; // of the best score: what is above it is nearly as good

/** All class scores of a default box, background among them, the largest first: [{ label, score }]. */
export function rankedClasses(stages, classes, row) {
  const scoreOf = (label) => stages.probabilities[row * classes + label];
  const scores = Array.from({ length: classes }, (_, label) => ({ label, score: scoreOf(label) }));
  return scores.sort((a, b) => b.score - a.score || a.label - b.label);
}

/** Why the class is what it is: its score against the next one. */
function classSentence(model, stages, detection) {
  const [best, next] = rankedClasses(stages, model.config.num_classes, detection.default_box);
  const say = ({ label, score }) => `${className(model, label)} ${score.toFixed(2)}`;
  const own = { label: detection.label, score: detection.score };
  if (best.label !== detection.label) {
    const end = optionsOf(stages).one_label ? "the others are not over their thresholds" : "every class is judged for itself";
    return `For its default box ${say(best)} is the largest score. ${say(own)} comes after it, but ${end}.`;
  }
  if (next.score > CLOSE * best.score) return `A close call: ${say(own)} against ${say(next)}.`;
  if (next.score > best.score / 2) return `The network wavers: ${say(own)}, but also ${say(next)}.`;
  if (best.score < 0.9) return `The network is not quite sure of the class: ${say(own)}, then ${say(next)}.`;
  return `The network gives a high score, which may still be wrong: ${say(own)}, then ${say(next)}.`;
}

/** How many other default boxes said the same. */
function agreementSentence(model, stages, detection, index, threshold) {
  const removed = removedBy(stages, model.config.num_classes, index).filter((box) => box.score > thresholdOf(threshold, box.label));
  const count = removed.length, others = removed.filter(({ label }) => label !== detection.label);
  const name = className(model, detection.label);
  if (count === 0) return `No other default box says ${name} here over your threshold: this one stands alone.`;
  if (others.length) {
    const counts = countsOfClasses(removed.map(({ label }) => ({ name: model.class_names[label - 1] })));
    return `NMS removed ${count} other ${count === 1 ? "box" : "boxes"} here (${counts}), as you want one label for each object.`;
  }
  const [say, them] = count === 1 ? ["box says", "it"] : ["boxes say", "them"];
  return `${count} other default ${say} ${name} here over your threshold; NMS removed ${them}.`;
}

/** Other shown boxes on the same object, and why NMS left both. */
function neighborSentences(model, stages, detection, threshold) {
  const sentences = [], together = optionsOf(stages).one_label;
  stages.detections.forEach((other, index) => {
    if (other === detection || !isShown(other, threshold)) return;
    const overlap = iou(stages.decoded, 4 * detection.default_box, 4 * other.default_box);
    const own = `${className(model, other.label)} ${other.score.toFixed(2)} (box ${shownNumber(stages, threshold, index)})`;
    const said = toldFrom(overlap, 0.45);
    if (other.label !== detection.label && overlap > 0.45 && !together) {
      sentences.push(`It overlaps ${own}: ${said} IoU. Both stay, because NMS compares boxes of one class only.`);
    } else if ((other.label === detection.label || together) && overlap > 0.1) {
      sentences.push(`It overlaps ${own}: ${said} IoU. Both stay, because NMS removes only what is over 0.45.`);
    }
  });
  return sentences.slice(0, 2);
}

/** Whether the window of the predictor sees the whole box. */
function sightSentence(model, detection, stages) {
  const [x1, y1, x2, y2] = receptiveSquare(model, placeOf(model, detection.default_box));
  const [left, top, right, bottom] = stages.decoded.subarray(4 * detection.default_box, 4 * detection.default_box + 4);
  const sees = x1 <= Math.max(0, left) && y1 <= Math.max(0, top) && x2 >= Math.min(1, right) && y2 >= Math.min(1, bottom);
  return sees ? null : "Its receptive field does not reach all of the box: it guessed the rest.";
}

/** Sentences that say why a detection was found, the most telling first. */
export function whyThisBox(model, stages, index, threshold) {
  const detection = stages.detections[index], { score } = detection, least = thresholdOf(threshold, detection.label);
  return [
    classSentence(model, stages, detection),
    ...neighborSentences(model, stages, detection, threshold),
    score - least < 0.1 ? `Its score is only ${toldFrom(score - least, 0)} over your threshold of ${least.toFixed(2)}.` : null,
    agreementSentence(model, stages, detection, index, threshold),
    sightSentence(model, detection, stages),
  ].filter(Boolean);
}
