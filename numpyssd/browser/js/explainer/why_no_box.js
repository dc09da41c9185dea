// Why is there no box here: the best default boxes at a place of the photograph, and what became of each.
import { iou } from "../network/boxes.js";
import { POSTPROCESS_OPTIONS } from "../network/postprocess.js";
import { thresholdOf } from "../page/detections.js";
import { bestClass, fateOf, fatesOf, isShown, onlyLabel, shownNumber } from "./fates.js";
import { toldFrom } from "./numbers.js";
import { boxNames, cellWords, className, firstRows, placeOf } from "./place.js";

const LEAST = POSTPROCESS_OPTIONS.score_threshold; // a candidate must be over it, unless the page asks for more
const FAINT = 0.1; // a score that says next to nothing
const FAR_BELOW = 0.2; // of the threshold
const MIDDLE = 0.25; // of a side: how far from a box's center a place may lie to be its middle

/**
 * The best default box of each feature map whose decoded box has (x, y) in its middle half, best score first.
 *
 * x, y: fractions of the image. Returns [{ row, place, label, score, background, kind, by }]: kind is "shown", "hidden"
 * (below the threshold), "suppressed", "dropped", "other" or "low" (see fateOf); by: the detection, or null.
 */
export function boxesAt(model, stages, x, y, threshold) {
  const classes = model.config.num_classes, starts = firstRows(model), fates = fatesOf(stages, classes), found = [];
  for (let map = 0; map + 1 < starts.length; map++) {
    let best = null;
    for (let row = starts[map]; row < starts[map + 1]; row++) {
      if (!isInMiddle(stages.decoded, row, x, y)) continue;
      const { label, score } = bestClass(stages, classes, row);
      if (!best || score > best.score) best = { row, label, score };
    }
    if (!best) continue;
    found.push(boxFate(model, stages, fates, best.row, best.label, threshold));
  }
  return found.sort((a, b) => b.score - a.score);
}

// What became of one default box as one class: an item of what boxesAt returns; fates: see fatesOf.
function boxFate(model, stages, fates, row, label, threshold) {
  const classes = model.config.num_classes, { kind, by } = fateOf(fates, stages, classes, row, label);
  const [background, score] = [stages.probabilities[row * classes], stages.probabilities[row * classes + label]];
  const isHidden = kind === "kept" ? !isShown(stages.detections[by], threshold) : kind === "low" && score > LEAST;
  const seen = isHidden ? "hidden" : kind === "kept" ? "shown" : kind;
  return { row, label, score, background, place: placeOf(model, row), kind: seen, by };
}

function isInMiddle(decoded, row, x, y) {
  const [x1, y1, x2, y2] = decoded.subarray(4 * row, 4 * row + 4);
  return Math.abs(x - (x1 + x2) / 2) < MIDDLE * (x2 - x1) && Math.abs(y - (y1 + y2) / 2) < MIDDLE * (y2 - y1);
}

/** The same for one box alone. */
export function boxFateOf(model, stages, row, label, threshold) {
  return boxFate(model, stages, fatesOf(stages, model.config.num_classes), row, label, threshold);
}

/** One sentence: what became of one of the boxes that boxesAt found. */
export function fateWords(model, stages, found, threshold) {
  const name = (own) => className(model, own), { label, score, kind, by, background } = found;
  const own = `${name(label)} ${score.toFixed(2)}`;
  if (kind === "shown") return `${own} is shown: it is box ${shownNumber(stages, threshold, by)}.`;
  if (kind === "low") {
    return `background won with ${background.toFixed(3)}: of all classes ${name(label)} came closest with ` +
      `${score.toFixed(3)}, and a candidate needs more than ${LEAST}.`;
  }
  const least = thresholdOf(threshold, label), isBelow = isBelowThreshold(found, threshold), below = belowWords(found, threshold), start = toldFrom(score, least);
  if (kind === "suppressed") {
    const winner = stages.detections[by], overlap = iou(stages.decoded, 4 * winner.default_box, 4 * found.row);
    const end = isShown(winner, threshold) ? `is shown as box ${shownNumber(stages, threshold, by)}` : `is itself below your threshold`;
    return `${own} was suppressed by ${name(winner.label)} ${winner.score.toFixed(2)}, which overlaps it by an IoU of ` +
      `${toldFrom(overlap, 0.45)}, more than 0.45, and ${end}.${isBelow ? ` Even without that it would not be shown: it ${below}` : ""}`;
  }
  if (kind === "dropped") {
    const cut = "better boxes filled the list of 400 a class or 200 an image";
    return isBelow ? `${name(label)} ${start} ${below} It was also cut from the list, as ${cut}.` : `${own} was dropped: ${cut}.`;
  }
  if (kind === "other") {
    const only = onlyLabel(stages, model.config.num_classes, found.row);
    return `${own} took no part: its default box stands for ${name(only)} alone, as you want one label for each object.`;
  }
  return `${name(label)} ${start} ${below}`;
}

function isBelowThreshold({ score, label }, threshold) {
  return !(score > thresholdOf(threshold, label));
}

function belowWords({ label, score, background }, threshold) {
  const least = thresholdOf(threshold, label), most = background > score ? `, and background got more: ${background.toFixed(2)}` : "";
  return `is ${score < FAR_BELOW * least ? "far " : ""}below your threshold of ` +
    `${toldFrom(least, score)}${most}.`;
}

/** How small a thing may be, in pixels of the photograph. */
function sizeWords(model, stages) {
  const side = Math.floor(model.config.feature_maps[0].scale_px) / model.config.image_size;
  const [wide, high] = [stages.width, stages.height].map((pixels) => Math.round(side * pixels));
  return `(The smallest default boxes are ${wide} × ${high} pixels of this picture: what is much smaller is hard to find.)`;
}

/** The answer in a few sentences, from what boxesAt returned. */
export function noBoxAnswer(model, stages, found, threshold) {
  if (!found.length) return "No default box ends here: none of them was moved to this place.";
  const { score } = found[0], isBelow = found[0].kind !== "low" && isBelowThreshold(found[0], threshold);
  const kind = isBelow ? "hidden" : found[0].kind, map = model.config.feature_maps[found[0].place.map].name;
  const start = {
    shown: "There is a box here.", suppressed: "There was a box here, and another one took it away.",
    hidden: score < FAINT ? "The network saw next to nothing here." : "The network saw something here, but was not sure enough.",
    low: "The network saw only background here.",
    dropped: "There was a box here, and it was dropped.", other: "There is a box here, as another class.",
  }[kind];
  const size = score < FAINT && kind !== "shown" ? ` ${sizeWords(model, stages)}` : "";
  return `${start} The best default box at this place stands on ${map}: ${fateWords(model, stages, found[0], threshold)}${size}`;
}

/** What is said of a default box that was chosen by itself, and is no shown detection. */
export function chosenBoxWords(model, stages, threshold, { place, number, label }) {
  const start = `You chose the default box “${boxNames(model, place.map)[place.box]}” of ${cellWords(model, place)}`;
  if (label === 0) return `${start}, and look at its score for background.`;
  return `${start}: ${fateWords(model, stages, boxFateOf(model, stages, number, label, threshold), threshold)}`;
}
