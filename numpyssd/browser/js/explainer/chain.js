// Where a box comes from, backwards: a line for each step, from NMS to the pixels.
import { candidateWords, fateOf, fatesOf, isShown, optionsOf } from "./fates.js";
import { removedBy } from "./nms_steps.js";
import { boxNames, cellWords, className } from "./place.js";
import { receptiveSquare } from "./receptive_field.js";
import { thresholdOf } from "../page/detections.js";
import { rankedClasses } from "./why_this_box.js";

/** The lines about what is chosen: [{ id: of a stage, or "cover", text, patch: a change of the choice, or none }]. */
export function chainOf({ model, stages, threshold, chosen, detect }) {
  const { detection, place, number, label } = chosen, square = receptiveSquare(model, place), side = model.config.image_size;
  const lines = [], line = (id, text, patch) => lines.push({ id, text, patch });
  const fate = fateOf(fatesOf(stages, model.config.num_classes), stages, model.config.num_classes, number, label);
  if (detection !== null) line("nms", removedWords(model, stages, threshold, detection));
  else if (fate.kind === "suppressed") {
    const { label: other, score } = stages.detections[fate.by];
    line("nms", `NMS removed it: ${className(model, other)} ${score.toFixed(2)} overlaps it and is better`);
  }
  line("cells", `it is default box ${number}, “${boxNames(model, place.map)[place.box]}”, moved by four offsets`);
  const rival = rankedClasses(stages, model.config.num_classes, number).find((own) => own.label !== label);
  const spoke = `what spoke for ${className(model, label)}, and what for ${className(model, rival.label)}`;
  line("output", `its class: ${spoke}`, { against: rival.label });
  if (detect) line("cover", "what in the picture made it: cover it piece by piece");
  line("maps", `it stands on the cell in ${cellWords(model, place)}`);
  const sees = [0, 1].map((i) => Math.round((Math.min(1, square[i + 2]) - Math.max(0, square[i])) * side));
  line("input", `that cell sees ${sees[0]} × ${sees[1]} of the input's ${side} × ${side} pixels`);
  return lines;
}

/** How many boxes a detection removed, and how many of them step 6 shows. */
export function removedWords(model, stages, threshold, index) {
  const removed = removedBy(stages, model.config.num_classes, index), count = removed.length;
  const over = removed.filter((box) => box.score > thresholdOf(threshold, box.label)).length;
  const ofWhat = optionsOf(stages).one_label ? "any class" : "its class";
  const start = `NMS kept it, and it removed ${count} other ${count === 1 ? "box" : "boxes"} of ${ofWhat}`;
  if (!count) return start;
  const scores = ` with a score ${candidateWords(stages)}`;
  if (!isShown(stages.detections[index], threshold)) return `${start}${scores}; it is itself below your threshold, and step 6 shows all`;
  if (over === count) return `${start}, ${count === 1 ? "which is" : "all"} over your threshold`;
  const few = over ? `only ${over} of them ${over === 1 ? "is" : "are"} over your threshold, which step 6 shows` : "none of them is over your threshold";
  return `${start}${scores}; ${few}`;
}
