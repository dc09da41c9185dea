// What is chosen, in one line: it stands at the top of every stage.
import { isShown, shownNumber } from "./fates.js";
import { boxNames, cellWords, className } from "./place.js";

/** "Chosen: box 1, ring 1.00, from “large square” at row 3, column 5 of conv7". */
export function chosenWords(model, stages, threshold, { detection, label, place, number }) {
  const score = stages.probabilities[number * model.config.num_classes + label].toFixed(2);
  const isNumbered = detection !== null && isShown(stages.detections[detection], threshold);
  const own = isNumbered ? `box ${shownNumber(stages, threshold, detection)}, ` : "";
  return `Chosen: ${own}${className(model, label)} ${score}, from “${boxNames(model, place.map)[place.box]}” at ${cellWords(model, place)}`;
}
