// Stage 4: one score taken apart, down to a window of 3 x 3 cells times a kernel.
import { CoverTest } from "./cover.js";
import { channelWindow, sumLines } from "./one_output.js";
import { cellWords, className, stepOf } from "./place.js";
import { plainNumber, withSign } from "./stage_frame.js";
import { node, PhotoWithBoxes } from "./svg.js";
import { rankedClasses } from "./why_this_box.js";

const LINES = 6; // channels that are written down one by one
const NINE = ["top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"];

export class OutputStage {
  constructor(frame, change) {
    this.frame = frame;
    this.change = change;
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
    this.drawGrids(output, channel);
    this.words.textContent += ` ${cellsWords(model, output, chosen)}`;
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
    const { lines, others, bias, logit } = sumLines(output, LINES);
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
    if (others.count) row("div", `the other ${others.count} channels together`, others.value);
    row("div", against === null ? "the bias" : "the biases, one less the other", bias);
    row("div", `sum: the logit of ${name}`, logit, { class: "ex-row ex-total" });
    this.lines.children[at]?.focus();
  }

  drawGrids(output, channel) {
    const { window, kernel, products } = channelWindow(output, channel);
    const total = products.reduce((sum, value) => sum + value, 0);
    this.grids.replaceChildren();
    numberGrid(this.grids, `channel ${channel}, 3 × 3 cells`, window, 2);
    node("span", { class: "ex-sign" }, this.grids, "×");
    numberGrid(this.grids, "the kernel, learned", kernel, 3);
    node("span", { class: "ex-sign" }, this.grids, "=");
    numberGrid(this.grids, "products", products, 3);
    this.words.textContent = `The nine products of channel ${channel} add up to ${withSign(total, 3)}.`;
  }
}

/** Where in the window the sum comes from: the cells that speak most for the class, and against it. */
export function cellsWords(model, { byCell }, { label, against }) {
  const order = Array.from(byCell.keys()).sort((a, b) => byCell[b] - byCell[a]), [first, last] = [order[0], order[8]];
  const say = (cell) => `the cell at the ${NINE[cell]} (${withSign(byCell[cell], 2)})`, name = className(model, label);
  const other = against === null ? "against it" : `for ${className(model, against)}`;
  const most = byCell[first] > 0 ? `Over all channels ${say(first)} speaks most for ${name}` : `No cell speaks for ${name}`;
  const least = byCell[last] < 0 ? `, and ${say(last)} most ${other}` : "";
  return `${most}${least}: blue and red in the picture.`;
}

/** How softmax turns logits into the score, in numbers; compared with another class, how often more likely it is. */
export function softmaxWords(model, stages, { number, label, against }) {
  const classes = model.config.num_classes, logit = (k) => stages.conf[number * classes + k];
  const score = (k) => stages.probabilities[number * classes + k].toFixed(3);
  if (against !== null) {
    const apart = Math.abs(logit(label) - logit(against)), times = Math.exp(apart);
    const [more, less] = logit(label) >= logit(against) ? [label, against] : [against, label];
    const say = times < 1000 ? times.toFixed(2) : times.toExponential(1);
    return `e to the ${apart.toFixed(3)} is ${say}: ${className(model, more)} (${score(more)}) gets ${say} times the score of ` +
      `${className(model, less)} (${score(less)}).`;
  }
  const [first] = rankedClasses(stages, classes, number), powers = Array.from({ length: classes }, (_, k) => Math.exp(logit(k) - logit(label)));
  const sum = powers.reduce((total, power) => total + power, 0), say = sum < 1e6 ? sum.toFixed(3) : sum.toExponential(2);
  const winner = `${className(model, first.label)} has the largest logit, ${logit(first.label).toFixed(3)}, and takes ${score(first.label)}.`;
  return `Softmax: e to the ${logit(label).toFixed(3)}, over the sum of the same for all ${classes} classes, is ` +
    `1 / ${say} = ${score(label)}.${first.label === label ? "" : ` ${winner}`}`;
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
