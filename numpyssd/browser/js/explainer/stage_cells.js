// Stage 3: the cells of a map over the photograph, the default boxes of one, their scores, and one box decoded.
import { decodingLines, OFFSET_WORDS, placeWords, sizeWordsOf } from "./decoding.js";
import { bestClass, decodedBox, defaultCorners } from "./fates.js";
import { boxNames, className, cellSquare, cellWords, rowAt, stepOf } from "./place.js";
import { rowButtons } from "./row_buttons.js";
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
    this.sizes = node("p", { class: "ex-hint" }, side);
    this.scoresTitle = node("p", { class: "ex-hint" }, side);
    this.scores = node("div", { class: "ex-rows", role: "group", "aria-label": "class scores" }, side);
    this.sum = node("pre", { class: "ex-sum" }, frame.body);
    node("p", { class: "ex-hint" }, frame.body, OFFSET_WORDS);
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
    this.sizes.textContent = sizeWordsOf(model, stages, number);
    const best = bestClass(stages, classes, number);
    const words = `The default box “${boxNames(model, place.map)[place.box]}” of ${cellWords(model, place)} (gray) is decoded ` +
      `to the orange box: ${placeWords(stages, number)} Its best class is ${className(model, best.label)} with ${best.score.toFixed(3)}.`;
    this.words.textContent = words;
    this.photo.say(words);
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
    rowButtons(this.boxes, names.map((name, box) => {
      const number = rowAt(model, { ...place, box }), { label, score } = bestClass(stages, model.config.num_classes, number);
      const [w, h] = [stages.width, stages.height].map((side, i) => Math.round(side * stages.default_boxes[4 * number + 2 + i]));
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
