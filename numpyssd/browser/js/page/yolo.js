// Detections as YOLO label files, as datasets/yolo/writer.py writes them: a row a box, and the classes in classes.txt.

import { wholeLetters } from "./printable.js";

// What Python's str.split takes for a blank.
const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Return the rows `class center_x center_y width height` of a photograph, fractions of the image. */
export function yoloText({ width, height }, shown, classNames) {
  const names = classNames.map(oneLine), list = uniqueNames(names);
  return shown.map(({ label, box: [x1, y1, x2, y2] }) => {
    const values = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
    return `${list.indexOf(names[label - 1])} ${values.map((value) => value.toFixed(6)).join(" ")}\n`;
  }).join("");
}

/** Return classes.txt, a name a line, in the order of the numbers in the rows. */
export function classList(classNames) {
  return wholeLetters(uniqueNames(classNames.map(oneLine)).map((name) => name + "\n").join(""));
}

function uniqueNames(names) {
  return [...new Set(names)];
}

function oneLine(name) {
  return name.split(BLANKS).filter((word) => word).join(" ");
}
