// What lies on the board in the beginning.
import { cellPainter } from "./cells.js";

const SHAPES_AT_FIRST = [
  ["ring", 105, 110, 130, 0, "#f2ead2"], ["triangle", 225, 215, 120, 12, "#ff8c42"], ["cross", 235, 70, 70, 8, "#7ae582"],
];
const CELLS_AT_FIRST = [
  ["RBC", 60, 62, 54], ["RBC", 150, 50, 56], ["RBC", 243, 80, 54], ["RBC", 58, 160, 54], ["RBC", 85, 258, 54], ["RBC", 176, 268, 56],
  ["WBC", 150, 158, 96], ["Platelets", 252, 178, 22],
];

/** Things for the board that a network of these classes knows; none for classes that cannot be stamped. */
export function firstThings(classNames) {
  return [...SHAPES_AT_FIRST, ...CELLS_AT_FIRST].filter(([shape]) => classNames.includes(shape)).map(
    ([shape, x, y, side, tilt = 0, color = "#8a8a8a"]) => ({ kind: "stamp", shape, x, y, side, tilt, color }),
  );
}

/** Whether a network looks for blood cells. */
export function looksForCells(classNames) {
  return classNames.some((name) => cellPainter(name));
}
