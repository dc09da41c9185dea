// Where a default box stands: its row in loc and conf, and its feature map, cell and number in the cell.
// Rows run over feature map, row, column, box, as in model/default_boxes.py.
import { printable } from "../page/printable.js";

/** The number of the first row of each feature map, and behind the last the number of all: (maps + 1). */
export function firstRows(model) {
  const starts = [0];
  model.config.feature_maps.forEach((map, i) => {
    starts.push(starts[i] + map.size * map.size * model.predictors[i].boxes_per_cell);
  });
  return starts;
}

/** {map, row, column, box} of a default box: indices, from 0. */
export function placeOf(model, number) {
  const starts = firstRows(model);
  let map = 0;
  while (number >= starts[map + 1]) map += 1;
  const perCell = model.predictors[map].boxes_per_cell, size = model.config.feature_maps[map].size;
  const cell = Math.floor((number - starts[map]) / perCell);
  return { map, row: Math.floor(cell / size), column: cell % size, box: (number - starts[map]) % perCell };
}

/** The row of loc and conf of a default box: the inverse of placeOf. */
export function rowAt(model, { map, row, column, box }) {
  const perCell = model.predictors[map].boxes_per_cell, size = model.config.feature_maps[map].size;
  return firstRows(model)[map] + (row * size + column) * perCell + box;
}

/** Pixels of the network's input from one cell's center to the next (default_box_variants.cell_step). */
export function stepOf(model, map) {
  const { size, step } = model.config.feature_maps[map];
  return model.config.center_rule === "cell" ? model.config.image_size / size : step;
}

/** The square of a cell as [x1, y1, x2, y2], in fractions of the image. */
export function cellSquare(model, map, row, column) {
  const side = stepOf(model, map) / model.config.image_size;
  return [column * side, row * side, (column + 1) * side, (row + 1) * side];
}

/** What the default boxes of a cell are called, in the order of default_boxes.cell_sizes. */
export function boxNames(model, map) {
  const ratios = model.config.feature_maps[map].aspect_ratios;
  return ["small square", "large square", ...ratios.flatMap((ratio) => ["wide 1 : " + ratio, "tall 1 : " + ratio])];
}

/** "row 3, column 5 of conv7": rows and columns from 0, as everywhere here. */
export function cellWords(model, { map, row, column }) {
  return `row ${row}, column ${column} of ${model.config.feature_maps[map].name}`;
}

/** What a class is called; 0 is background. */
export function className(model, label) {
  return label === 0 ? "background" : printable(model.class_names[label - 1]);
}
