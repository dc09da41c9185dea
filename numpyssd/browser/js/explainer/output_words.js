// What is said of one score that is taken apart: its cells, L2 normalization, softmax.
import { fiveDigits, withSign } from "./numbers.js";
import { className } from "./place.js";
import { rankedClasses } from "./why_this_box.js";

const NINE = ["top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"], MIDDLE_OF_NINE = 4;

/** Where in the window the sum comes from: the cells that speak most for the class, and against it. */
export function cellsWords(model, { byCell }, { label, against }) {
  const order = Array.from(byCell.keys()).sort((a, b) => byCell[b] - byCell[a]), [first, last] = [order[0], order[8]];
  const say = (cell) => `the cell at the ${NINE[cell]} (${withSign(byCell[cell], 2)})`, name = className(model, label);
  const other = against === null ? "against it" : `for ${className(model, against)}`;
  const most = byCell[first] > 0 ? `Over all channels ${say(first)} speaks most for ${name} (drawn blue)` : `No cell speaks for ${name}`;
  const least = byCell[last] < 0 ? `, and ${say(last)} most ${other} (drawn red)` : "";
  return `${most}${least}.`;
}

/** Why the middle cell's number is not the one of the feature map, where L2 normalization lies between; else "". */
export function normalizationWords(stages, { place, channels, window }, channel) {
  if (place.map > 0) return "";
  const { size, data } = stages.maps[0], at = (place.row * size + place.column) * channels, cell = data.subarray(at, at + channels);
  const length = Math.hypot(...cell), before = cell[channel], after = window[MIDDLE_OF_NINE * channels + channel];
  if (!(before > 0) || !(length > 0)) return " Its numbers are those of step 2 after L2 normalization (see the words below).";
  return ` The number in the middle, ${after.toFixed(2)}, is the ${before.toFixed(2)} of step 2 after L2 normalization: divided by ` +
    `${length.toFixed(2)}, the length of this cell's ${channels} numbers, times ${((after * length) / before).toFixed(2)}, which was ` +
    "learned for this channel.";
}

/** How softmax turns logits into the score, in numbers; compared with another class, how often more likely it is. */
export function softmaxWords(model, stages, { number, label, against }) {
  const classes = model.config.num_classes, logit = (k) => stages.conf[number * classes + k];
  const score = (k) => stages.probabilities[number * classes + k].toFixed(3);
  if (against !== null) {
    const apart = Math.abs(logit(label) - logit(against)), times = fiveDigits(Math.exp(apart));
    const [more, less] = logit(label) >= logit(against) ? [label, against] : [against, label];
    return `e to the ${apart.toFixed(3)} is ${times}: ${className(model, more)} (${score(more)}) gets ${times} times the score of ` +
      `${className(model, less)} (${score(less)}).`;
  }
  const [first] = rankedClasses(stages, classes, number), power = (k) => Math.exp(logit(k));
  const own = fiveDigits(power(label)), sum = fiveDigits(Array.from({ length: classes }, (_, k) => power(k)).reduce((a, b) => a + b, 0));
  const winner = `${className(model, first.label)} has the largest logit, ${logit(first.label).toFixed(3)}, and takes ${score(first.label)}.`;
  return `Softmax: e to the ${logit(label).toFixed(3)} is ${own}; the same for all ${classes} classes adds up to ${sum}; ` +
    `${own} / ${sum} = ${score(label)}.${first.label === label ? "" : ` ${winner}`}`;
}
