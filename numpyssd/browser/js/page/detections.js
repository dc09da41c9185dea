// Which of an image's detections are shown, and what is said of them, as numpyssd.detect does it.
// A detection is {label (from 1 on), name, score, box: [x1, y1, x2, y2] in pixels}; lists of them are best first.

import { printable, shortened } from "./printable.js";

const MOST_DETECTIONS = 200; // of an image, as in the paper: the keep_top_k of network/postprocess.js
const MOST_CLASSES = 6; // that a sentence names

export const DEFAULT_THRESHOLD = 0.5; // of the detections that are shown, where the weights name none

/**
 * Return the threshold of a label; thresholds: a number, or one for each class, label 1 first.
 * It is rounded to 32 bits, as scores are: a score that is 0.3 to 32 bits is not greater than 0.3.
 */
export function thresholdOf(thresholds, label) {
  return Math.fround(typeof thresholds === "number" ? thresholds : thresholds[label - 1]);
}

/** Return the detections whose scores are greater than their threshold, as `detect --score` shows them. */
export function overThreshold(detections, thresholds) {
  return detections.filter((found) => found.score > thresholdOf(thresholds, found.label));
}

/** Return how many of each class are shown, most first: "12 RBC, 1 WBC", and at the end how many of classes not named. */
export function countsOfClasses(shown) {
  const counts = new Map();
  for (const found of shown) counts.set(found.name, (counts.get(found.name) || 0) + 1);
  const all = [...counts].sort((a, b) => b[1] - a[1]), more = all.slice(MOST_CLASSES);
  const words = all.slice(0, MOST_CLASSES).map(([name, count]) => `${count} ${shortened(name)}`);
  if (more.length) words.push(`${more.reduce((sum, [, count]) => sum + count, 0)} of other classes`);
  return words.join(", ");
}

/** Return a number with at most so many decimals, as Python's round does but for ties. */
export function round(value, decimals) {
  return Number(value.toFixed(decimals));
}

/** Return the nearest whole number; halves go to the even one, as NumPy's rint does. */
export function roundHalfEven(value) {
  const low = Math.floor(value), part = value - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** Return what the status line says of a photograph: what was found, what is below the threshold, how long it took. */
export function sentenceOf(photo, thresholds) {
  const shown = overThreshold(photo.detections, thresholds), below = photo.detections.length - shown.length;
  const found = shown.length ? countsOfClasses(shown) : nothingFound(thresholds);
  const end = photo.detections.length >= MOST_DETECTIONS ? `, and the list ends at ${MOST_DETECTIONS}` : "";
  const hidden = below ? `; ${below} more below the threshold${end}` : "";
  return `${printable(photo.name)} (${photo.width} × ${photo.height} pixels): ${found}${hidden}. ` +
    `Computed in ${photo.seconds.toFixed(2)} s.`;
}

function nothingFound(thresholds) {
  return typeof thresholds === "number" ? `nothing scores over ${round(thresholds, 3)}` : "no class scores over its threshold";
}
