// Stage 3: the cells of a map over the photograph, the default boxes of one, their scores, and one box decoded.
import { cellSizes } from "../network/default_boxes.js";
import { bestClass, decodedBox, defaultCorners } from "./fates.js";
import { boxNames, className, cellSquare, cellWords, rowAt, stepOf } from "./place.js";
import { withSign } from "./stage_frame.js";
import { buttonRow, node, onArrows, PhotoWithBoxes } from "./svg.js";
import { rankedClasses } from "./why_this_box.js";

const CLASSES_SHOWN = 6;

export class CellsStage {
  constructor(frame, change) {
    this.frame = frame;
    this.maps = buttonRow(frame.body, "feature map", (map) => change({ map }));
    const flow = node("div", { class: "ex-pair" }, frame.body);
    this.photo = new PhotoWithBoxes(flow, "cells and default boxes");
    this.photo.svg.setAttribute("tabindex", "0");
    this.photo.svg.setAttribute("role", "application");
    this.photo.svg.classList.add("ex-pointing");
    const side = node("div", {}, flow);
    node("p", { class: "ex-hint" }, side, "Tap a cell, or walk by the arrow keys.");
    this.boxes = node("div", { class: "ex-rows", role: "group", "aria-label": "default boxes of this cell" }, side);
    this.scoresTitle = node("p", { class: "ex-hint" }, side);
    this.scores = node("div", { class: "ex-rows", role: "group", "aria-label": "class scores" }, side);
    this.sum = node("pre", { class: "ex-sum" }, frame.body);
    this.words = node("p", { class: "ex-say", "aria-live": "polite" }, frame.body);
    this.change = change;
    this.photo.svg.addEventListener("click", (event) => this.take(...this.photo.where(event)));
    onArrows(this.photo.svg, (dx, dy) => this.go(this.place.row + dy, this.place.column + dx));
  }

  take(x, y) {
    const side = stepOf(this.model, this.place.map) / this.model.config.image_size;
    this.go(Math.floor(y / side), Math.floor(x / side));
  }

  go(row, column) {
    const last = this.model.config.feature_maps[this.place.map].size - 1;
    const clip = (value) => Math.max(0, Math.min(last, value));
    this.change({ cell: [clip(row), clip(column)] });
  }

  draw({ model, stages, picture, chosen }) {
    const { place, number, label } = chosen, classes = model.config.num_classes;
    [this.model, this.place] = [model, place];
    const { name, size } = model.config.feature_maps[place.map], count = model.predictors[place.map].boxes_per_cell;
    this.maps.set(model.config.feature_maps.map((own, value) => ({ value, text: own.name })));
    this.maps.press(place.map);
    this.drawPhoto(model, stages, picture, place, number);
    this.drawRows(model, stages, place);
    this.drawScores(model, stages, number, label);
    this.sum.textContent = decodingLines(stages, number).join("\n");
    const moved = defaultCorners(stages, number), [x, y] = decodedBox(stages, number);
    const best = bestClass(stages, classes, number);
    const words = `The default box “${boxNames(model, place.map)[place.box]}” of ${cellWords(model, place)} (gray) is decoded ` +
      `to the orange box; its best class is ${className(model, best.label)} with ${best.score.toFixed(3)}.`;
    this.words.textContent = words;
    this.photo.say(`${words} Its corner moved from ${Math.round(moved[0] * stages.width)}, ${Math.round(moved[1] * stages.height)} to ` +
      `${Math.round(x * stages.width)}, ${Math.round(y * stages.height)} pixels.`);
    this.frame.shape.textContent = `Shape: ${name} has ${size} × ${size} cells × ${count} boxes = ${size * size * count} of ` +
      `${stages.default_boxes.length / 4} default boxes, each with 4 offsets and ${classes} scores`;
  }

  drawPhoto(model, stages, picture, place, number) {
    const { photo } = this, { size } = model.config.feature_maps[place.map];
    const side = stepOf(model, place.map) / model.config.image_size;
    photo.show(picture, stages.width, stages.height);
    for (let i = 1; i < size; i++) {
      photo.line(i * side, 0, i * side, size * side, "grid");
      photo.line(0, i * side, size * side, i * side, "grid");
    }
    photo.box(cellSquare(model, place.map, place.row, place.column), "cell");
    for (let box = 0; box < model.predictors[place.map].boxes_per_cell; box++) {
      if (box !== place.box) photo.box(defaultCorners(stages, rowAt(model, { ...place, box })), "faint");
    }
    const before = defaultCorners(stages, number), after = decodedBox(stages, number);
    const middle = ([x1, y1, x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];
    photo.box(before, "default");
    photo.box(after, "prediction");
    photo.line(...middle(before), ...middle(after), "offset");
    photo.dot(...middle(before), "default");
    photo.dot(...middle(after), "prediction");
  }

  drawRows(model, stages, place) {
    const names = boxNames(model, place.map);
    const sizes = cellSizes(model.config.feature_maps[place.map], model.config.whole_pixels);
    rowButtons(this.boxes, names.map((name, box) => {
      const { label, score } = bestClass(stages, model.config.num_classes, rowAt(model, { ...place, box }));
      const [w, h] = sizes[box].map(Math.round);
      return { value: box, score, text: `${name}, ${w} × ${h} px`, note: `${className(model, label)} ${score.toFixed(3)}` };
    }), place.box, (box) => this.change({ box }));
  }

  drawScores(model, stages, number, label) {
    const ranked = rankedClasses(stages, model.config.num_classes, number);
    this.scoresTitle.textContent = "Class scores of the chosen default box; choose one to take it apart below:";
    const shown = ranked.slice(0, CLASSES_SHOWN);
    if (!shown.some((own) => own.label === label)) shown.push(ranked.find((own) => own.label === label));
    rowButtons(this.scores, shown.map((own) => (
      { value: own.label, score: own.score, text: className(model, own.label), note: own.score.toFixed(3) }
    )), label, (value) => this.change({ label: value }));
  }
}

/** Rows to choose one from, each with a bar: rows: [{ value, score, text, note }]. */
export function rowButtons(parent, rows, chosen, choose) {
  const at = Array.from(parent.children).indexOf(document.activeElement);
  parent.replaceChildren();
  rows.forEach(({ value, score, text, note }, i) => {
    const button = node("button", { type: "button", class: "ex-row", "aria-pressed": String(value === chosen) }, parent);
    node("span", { class: "ex-bar", style: `width:${(100 * Math.max(0, Math.min(1, score))).toFixed(1)}%` }, button);
    node("span", { class: "ex-name" }, button, text);
    node("span", { class: "ex-value" }, button, note);
    button.addEventListener("click", () => choose(value));
    if (i === at) button.focus();
  });
}

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
