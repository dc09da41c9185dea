// A default box and its four offsets become a box, in numbers.
import { withSign } from "./numbers.js";

export const OFFSET_WORDS = "The numbers with a sign are the four offsets, which the network gives for this box; 0.1 and 0.2 are fixed " +
  "scales. x, y: the center, which moves by a part of the box's width and height; w, h: width and height. exp is e to that " +
  "power: always more than 0, so that no box gets a negative width.";

/** How four offsets turn a default box into a box, in pixels of the photograph (paper, equation 2). */
export function decodingLines(stages, number) {
  const pixels = [stages.width, stages.height, stages.width, stages.height];
  const [cx, cy, w, h] = pixels.map((side, i) => side * stages.default_boxes[4 * number + i]);
  const [x1, y1, x2, y2] = pixels.map((side, i) => side * stages.decoded[4 * number + i]);
  const offsets = Array.from(stages.loc.subarray(4 * number, 4 * number + 4)), wide = (value) => value.toFixed(1).padStart(6);
  const moved = (name, from, side, offset, to) => (
    `${name} ${wide(from)} ${withSign(offset, 2)} × 0.1 × ${wide(side)} = ${wide(to)}`
  );
  const sized = (name, side, offset, to) => `${name} ${wide(side)} × exp(${withSign(offset, 2)} × 0.2) = ${wide(to)}`;
  return [
    moved("x", cx, w, offsets[0], (x1 + x2) / 2), moved("y", cy, h, offsets[1], (y1 + y2) / 2),
    sized("w", w, offsets[2], x2 - x1), sized("h", h, offsets[3], y2 - y1),
  ];
}

/** Where a decoded box is, by its size and its upper left corner, as lists of boxes have it. */
export function placeWords(stages, number) {
  const pixels = [stages.width, stages.height, stages.width, stages.height];
  const [x1, y1, x2, y2] = pixels.map((side, i) => side * stages.decoded[4 * number + i]);
  return `${Math.round(x2 - x1)} × ${Math.round(y2 - y1)} pixels, its upper left corner at ${Math.round(x1)}, ${Math.round(y1)}.`;
}

/** How large a default box is in the network's input and in the picture, and why these differ. */
export function sizeWordsOf(model, stages, number) {
  const side = model.config.image_size, digit = (value) => value.toFixed(1), [wide, high] = [stages.width / side, stages.height / side];
  const [w, h] = [stages.default_boxes[4 * number + 2], stages.default_boxes[4 * number + 3]];
  return `Sizes are in pixels of your picture. One pixel of the network's input is ${wide.toFixed(2)} wide and ${high.toFixed(2)} high in ` +
    `it, so that ${digit(w * side)} × ${digit(h * side)} of the input become ${digit(w * stages.width)} × ${digit(h * stages.height)}.`;
}
