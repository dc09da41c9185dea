// Stage 4: one score taken apart, down to a window of 3 x 3 cells times a kernel.
import { CoverTest } from "./cover.js";
import { channelWindow, sumLines } from "./one_output.js";
import { plainNumber, withSign } from "./numbers.js";
import { cellsWords, normalizationWords, softmaxWords } from "./output_words.js";
import { cellWords, className, stepOf } from "./place.js";
import { node, PhotoWithBoxes } from "./svg.js";

const LINES = 6; // channels that are written down one by one, and how many more at a press

export class OutputStage {
  constructor(frame, change) {
    this.frame = frame;
    this.change = change;
    this.count = LINES;
    const controls = node("div", { class: "ex-controls" }, frame.body);
    this.label = labeledSelect(controls, "the score of", (value) => change({ label: Number(value) }));
    this.against = labeledSelect(controls, "compared with", (value) => change({ against: value === "" ? null : Number(value) }));
    const flow = node("div", { class: "ex-pair" }, frame.body);
    this.photo = new PhotoWithBoxes(flow, "what each of the nine cells adds");
    const side = node("div", {}, flow);
    this.lines = node("div", { class: "ex-rows ex-sums", role: "group", "aria-label": "the sum, channel by channel" }, side);
    this.soft = node("p", { class: "ex-say" }, side);
    this.grids = node("div", { class: "ex-grids" }, frame.body);
    this.words = node("p", { class: "ex-say" }, frame.body);
    this.cover = new CoverTest(frame.body);
  }

  draw(view) {
    const { model, stages, picture, chosen, output } = view;
    const { label, against, channel } = chosen, classes = model.config.num_classes;
    const all = Array.from({ length: classes }, (_, k) => [k, className(model, k)]);
    fillSelect(this.label, all, label);
    fillSelect(this.against, [["", "nothing"], ...all.filter(([k]) => k !== label)], against ?? "");
    this.drawPhoto(model, stages, picture, output);
    this.drawLines(model, output, chosen);
    this.drawGrids(model, output, chosen);
    const total = channelWindow(output, channel).products.reduce((sum, value) => sum + value, 0);
    this.words.textContent = `${cellsWords(model, output, chosen)} The nine products of channel ${channel} add up to ` +
      `${withSign(total, 3)}.${normalizationWords(stages, output, channel)}`;
    this.soft.textContent = softmaxWords(model, stages, chosen);
    this.cover.draw(view);
    const map = model.config.feature_maps[output.place.map].name, source = output.place.map === 0 ? `${map}, L2 normalized,` : map;
    const count = 9 * output.channels;
    this.frame.shape.textContent = `Shape: 3 × 3 × ${output.channels} numbers of ${source} times as many weights: ${count} products`;
  }

  drawPhoto(model, stages, picture, output) {
    const { photo } = this, { place, byCell } = output, side = stepOf(model, place.map) / model.config.image_size;
    const most = Math.max(...byCell.map(Math.abs)) || 1;
    photo.show(picture, stages.width, stages.height);
    byCell.forEach((value, cell) => {
      const [x, y] = [(place.column - 1 + (cell % 3)) * side, (place.row - 1 + Math.floor(cell / 3)) * side];
      const group = photo.box([x, y, x + side, y + side], value < 0 ? "against" : "for");
      group.style.setProperty("--ex-strength", (Math.abs(value) / most).toFixed(3));
    });
    const each = Array.from(byCell, (value) => withSign(value, 2)).join(", ");
    photo.say(`The nine cells around ${cellWords(model, place)}, and what each adds to the sum: ${each}, row by row.`);
  }

  drawLines(model, output, { label, against, channel }) {
    const { lines, others, bias, logit } = sumLines(output, this.count);
    const most = Math.max(...lines.map(({ value }) => Math.abs(value)), 1e-9);
    const name = className(model, label) + (against === null ? "" : ` − ${className(model, against)}`);
    const at = Array.from(this.lines.children).indexOf(document.activeElement);
    this.lines.replaceChildren();
    const row = (tag, text, value, more = {}) => {
      const line = node(tag, { class: "ex-row", ...more }, this.lines);
      const width = Math.min(100, (100 * Math.abs(value)) / most).toFixed(1);
      if (tag === "button") node("span", { class: `ex-bar ${value < 0 ? "ex-minus" : ""}`, style: `width:${width}%` }, line);
      node("span", { class: "ex-name" }, line, text);
      node("span", { class: "ex-value" }, line, withSign(value, 3));
      return line;
    };
    for (const line of lines) {
      const pressed = String(line.channel === channel);
      const button = row("button", `channel ${line.channel}`, line.value, { type: "button", "aria-pressed": pressed });
      button.addEventListener("click", () => this.change({ channel: line.channel }));
    }
    if (others.count) {
      const more = { type: "button", "aria-label": `${others.count} other channels together: show more of them` };
      row("button", `${others.count} other channels (show more)`, others.value, more).addEventListener("click", () => {
        this.count += 2 * LINES;
        this.change({});
      });
    }
    row("div", against === null ? "the bias" : "the biases, one less the other", bias);
    row("div", `sum: the logit of ${name}`, logit, { class: "ex-row ex-total" });
    this.lines.children[at]?.focus();
  }

  drawGrids(model, output, { label, against, channel }) {
    const { window, kernel, products } = channelWindow(output, channel), name = className(model, label);
    this.grids.replaceChildren();
    numberGrid(this.grids, "all channels together: what each cell adds", output.byCell, 2);
    this.grids.lastChild.classList.add("ex-alone");
    numberGrid(this.grids, `channel ${channel} alone, 3 × 3 cells`, window, 2);
    node("span", { class: "ex-sign" }, this.grids, "×");
    const both = against === null ? `kernel of ${name}, learned` : `kernel of ${name} minus kernel of ${className(model, against)}`;
    numberGrid(this.grids, both, kernel, 3);
    node("span", { class: "ex-sign" }, this.grids, "=");
    numberGrid(this.grids, "products", products, 3);
  }
}

function numberGrid(parent, title, values, digits) {
  const figure = node("figure", { class: "ex-grid" }, parent), texts = values.map((value) => plainNumber(value, digits));
  const grid = node("div", { role: "img", "aria-label": `${title}: ${texts.join(", ")}` }, figure);
  const most = Math.max(...values.map(Math.abs)) || 1;
  values.forEach((value, i) => {
    const cell = node("span", { class: value < 0 ? "ex-against" : "ex-for" }, grid, texts[i]);
    cell.style.setProperty("--ex-strength", (Math.abs(value) / most).toFixed(3));
  });
  node("figcaption", {}, figure, title);
}

function labeledSelect(parent, name, choose) {
  const label = node("label", {}, parent, `${name} `), select = node("select", {}, label);
  select.addEventListener("change", () => choose(select.value));
  return select;
}

function fillSelect(select, options, value) {
  const key = options.map(([own]) => own).join();
  if (select.dataset.key !== key) {
    select.replaceChildren();
    for (const [own, text] of options) node("option", { value: own }, select, text);
    select.dataset.key = key;
  }
  select.value = String(value);
}
