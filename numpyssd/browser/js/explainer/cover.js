// Occlusion: cover the picture piece by piece around the chosen box, and see what becomes of its score.
import { aroundWords, coverArea, coveredInput, coverPieces, coverWords } from "./cover_pieces.js";
import { decodedBox } from "./fates.js";
import { className } from "./place.js";
import { node, PhotoWithBoxes } from "./svg.js";
import { rankedClasses } from "./why_this_box.js";

const START = "Cover the picture piece by piece";
const NOTE = "The number in each piece is the score without it. Blue: the score needs the piece; red: it would be higher without it. " +
  "Each piece of the network's input got the mean color, one after the other, and the network ran again: this test is called occlusion. A gray patch is " +
  "itself something to see: its edges may have an effect of their own.";

export class CoverTest {
  constructor(parent) {
    this.root = node("div", { class: "ex-cover", id: "ex-cover" }, parent);
    this.button = node("button", { type: "button" }, this.root, START);
    this.progress = node("span", { class: "ex-hint", role: "status" }, this.root);
    this.result = node("div", { class: "ex-pair", hidden: "" }, this.root);
    this.photo = new PhotoWithBoxes(this.result, "which pieces of the picture the score needs");
    const side = node("div", {}, this.result);
    this.words = node("p", { class: "ex-say" }, side);
    node("p", { class: "ex-hint" }, side, NOTE);
    this.button.addEventListener("click", () => (this.isRunning ? this.stop() : this.start()));
    this.key = null;
  }

  /** Take what is chosen; another choice ends what runs and forgets what was found. */
  draw(view) {
    const { stages, chosen: { number, label }, detect } = view, { key } = this;
    this.root.hidden = detect === null;
    this.view = view;
    if (key && key.stages === stages && key.number === number && key.label === label) return;
    this.stop();
    this.key = { stages, number, label };
    this.result.hidden = true;
  }

  start() {
    if (this.isRunning || this.root.hidden) return;
    this.key = { ...this.key }; // a new run
    this.setRunning(true);
    this.run().catch((error) => {
      this.setRunning(false);
      this.progress.textContent = ` ${error.message}`;
    });
  }

  stop() {
    this.key = { ...this.key };
    this.setRunning(false);
  }

  // The button stays one that can be pressed, or it would lose the focus.
  setRunning(isRunning) {
    this.isRunning = isRunning;
    this.button.textContent = isRunning ? "Stop" : START;
    this.progress.textContent = "";
  }

  async run() {
    const { key, view: { model, detect, stages, chosen: { number, label } } } = this, classes = model.config.num_classes;
    const side = model.config.image_size, area = coverArea(decodedBox(stages, number), side), pieces = coverPieces(area, side), found = [];
    const score = async (piece, isOutside) => {
      const data = coveredInput(stages.input, side, model.config.mean, piece, isOutside);
      const without = await detect({ data, width: side, height: side });
      return { score: without.probabilities[number * classes + label], best: rankedClasses(without, classes, number)[0] };
    };
    for (const piece of pieces) {
      this.progress.textContent = ` ${found.length + 1} of ${pieces.length}`;
      found.push(await score(piece, false));
      if (key !== this.key) return;
    }
    const isAll = area.every((value, i) => value === (i < 2 ? 0 : 1)), around = isAll ? null : await score(area, true);
    if (key === this.key) this.show(area, pieces, found, around);
  }

  show(area, pieces, found, around) {
    const { model, stages, picture, chosen: { number, label } } = this.view, { photo } = this, scores = found.map(({ score }) => score);
    const whole = stages.probabilities[number * model.config.num_classes + label], lost = scores.map((score) => whole - score);
    const most = Math.max(...lost.map(Math.abs), 0.05), worst = lost.indexOf(Math.max(...lost));
    this.setRunning(false);
    this.result.hidden = false;
    const [x1, y1, x2, y2] = area, inArea = ([left, top, right, bottom]) => (
      [(left - x1) / (x2 - x1), (top - y1) / (y2 - y1), (right - x1) / (x2 - x1), (bottom - y1) / (y2 - y1)]
    );
    photo.show(cutOut(picture, area), (x2 - x1) * stages.width, (y2 - y1) * stages.height);
    pieces.forEach((piece, i) => {
      const box = photo.box(inArea(piece), lost[i] < 0 ? "against" : "for");
      box.style.setProperty("--ex-strength", (Math.abs(lost[i]) / most).toFixed(3));
    });
    photo.box(inArea(decodedBox(stages, number)), "default");
    photo.box(inArea(pieces[worst]), "prediction");
    pieces.forEach((piece, i) => {
      const [left, top, right, bottom] = inArea(piece), y = ((top + bottom) / 2) * photo.height + 0.6 * photo.letter;
      photo.text(((left + right) / 2) * photo.width - 0.9 * photo.letter, y, scores[i].toFixed(2).replace(/^0/, ""));
    });
    const { best } = found[worst], other = best.label === label ? null : `${className(model, best.label)} ${best.score.toFixed(2)}`;
    const words = coverWords(className(model, label), scores, whole, other) + (around ? ` ${aroundWords(around.score, whole)}` : "");
    this.words.textContent = `${words} Dotted: the chosen box.`;
    photo.say(`${words} Row by row: ${scores.map((score) => score.toFixed(2)).join(", ")}.`);
  }
}

const LARGEST_CUT = 720; // pixels a side

function cutOut(picture, [x1, y1, x2, y2]) {
  const from = [x1 * picture.width, y1 * picture.height, (x2 - x1) * picture.width, (y2 - y1) * picture.height];
  const scale = Math.min(1, LARGEST_CUT / Math.max(from[2], from[3])), [width, height] = [from[2], from[3]].map((value) => Math.round(value * scale));
  const canvas = node("canvas", { width: Math.max(1, width), height: Math.max(1, height) });
  canvas.getContext("2d").drawImage(picture, ...from, 0, 0, canvas.width, canvas.height);
  return canvas;
}
