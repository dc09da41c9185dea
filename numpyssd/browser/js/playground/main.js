// Starts the playground: a board to draw on, a network that detects at every stroke, and the explainer beside it.
import { Explainer } from "../explainer/explainer.js";
import { node } from "../explainer/svg.js";
import { decodeBase64, unpackTensor } from "../network/packing.js";
import { drawDetections } from "../page/annotate.js";
import { Computer } from "../page/computer.js";
import { countsOfClasses, overThreshold } from "../page/detections.js";
import { printable } from "../page/printable.js";
import { readImage, scaledDown } from "../page/read_image.js";
import { ThresholdControl } from "../page/threshold_control.js";
import { Board } from "./board.js";
import { cellPainter } from "./cells.js";
import { BOARD, Drawing } from "./drawing.js";
import { LiveDetection } from "./live.js";
import { firstThings, looksForCells } from "./scenes.js";
import { Tools } from "./tools.js";

const LONGEST = 1000; // pixels of a photograph: it is painted again at every stroke
const MOST_NAMED = 4; // detections in the line below the board

export class Playground {
  constructor(models, weights, samples, lessonsAreBeside) {
    this.at = (id) => document.getElementById(id);
    [this.models, this.weights, this.lessonsAreBeside] = [models, weights, lessonsAreBeside];
    this.board = this.at("board");
    this.drawing = new Drawing();
    this.thresholdControl = null;
    new Board(this.board, this.at("cursor"), this.drawing, () => this.tools.value, () => this.changed());
    this.networkChoice();
    for (const { name, data } of samples) this.sample(name, data);
    this.at("undo").addEventListener("click", () => { this.drawing.undo(); this.changed(); });
    this.at("clear").addEventListener("click", () => { this.drawing.clear(); this.changed(); });
    this.at("background").addEventListener("click", () => {
      this.drawing.seed += 1;
      this.drawing.image = null;
      this.changed();
    });
    this.at("photograph").addEventListener("click", () => this.at("file").click());
    this.at("file").addEventListener("change", () => this.openFile());
    this.useNetwork(0);
  }

  networkChoice() {
    const select = this.at("network-choice");
    this.models.forEach((model, i) => {
      node("option", { value: i }, select, `${printable(model.name)}: ${model.class_names.map(printable).join(", ")}`);
    });
    this.at("networks").hidden = this.models.length < 2;
    select.addEventListener("change", () => this.useNetwork(Number(select.value)));
  }

  /** Detect with another network: its own worker, explainer, threshold, stamps and first scene. */
  useNetwork(index) {
    const model = this.models[index], bytes = decodeBase64(this.weights[index]);
    this.computer?.close();
    this.model = model;
    const isSmear = looksForCells(model.class_names);
    this.drawing.clear();
    this.drawing.isSmear = isSmear;
    this.drawing.things = firstThings(model.class_names);
    this.at("samples").hidden = isSmear; // they show shapes
    this.computer = new Computer(`${this.at("network").textContent}\nanswerPage();\n`, model, bytes, (text) => this.say(text));
    this.live = new LiveDetection(this.computer, (result) => this.found(result), (error) => this.say(error.message));
    this.tools = new Tools(this.at("tools"), model.class_names.filter((name) => cellPainter(name) || !isSmear), isSmear);
    const link = (name) => (this.lessonsAreBeside ? `${name}.html` : null);
    const tensor = (name) => unpackTensor(name, model.tensors[name], bytes);
    const { computer } = this, detect = async (image) => (await computer.detect(image, true, () => {})).stages;
    this.explainer = new Explainer(this.at("explainer"), model, tensor, () => {}, link, detect);
    this.result = null;
    if (this.thresholdControl) {
      this.thresholdControl.model = model;
      this.thresholdControl.set(this.thresholdControl.start());
    } else this.thresholdControl = new ThresholdControl(this.at("threshold"), model, (value) => this.thresholdChanged(value));
    this.changed();
  }

  sample(name, data) {
    const button = node("button", { type: "button", "aria-label": `sample ${name}` }, this.at("samples"));
    const image = node("img", { src: data, alt: "" }, button);
    button.addEventListener("click", () => {
      const canvas = node("canvas", { width: image.naturalWidth, height: image.naturalHeight });
      canvas.getContext("2d").drawImage(image, 0, 0);
      this.useImage(canvas);
    });
  }

  async openFile() {
    const [file] = this.at("file").files;
    if (!file) return;
    try {
      this.useImage(scaledDown(await readImage(file), LONGEST));
    } catch (error) {
      this.say(error.message);
    }
    this.at("file").value = "";
  }

  useImage(canvas) {
    this.drawing.clear();
    this.drawing.image = canvas;
    this.changed();
  }

  changed() {
    const { width, height } = this.drawing;
    if (this.board.width !== width || this.board.height !== height) [this.board.width, this.board.height] = [width, height];
    this.drawing.paint(this.board.getContext("2d"));
    this.live.detect(this.board);
  }

  found(result) {
    this.result = result;
    this.redraw();
    this.explainer.show(result.stages, result.canvas, this.threshold, true);
  }

  thresholdChanged(value) {
    this.threshold = value;
    if (!this.result) return;
    this.redraw();
    this.explainer.setThreshold(value);
  }

  redraw() {
    if (!this.result) return;
    const { stages, seconds } = this.result, boxes = this.at("boxes");
    const scale = Math.max(1, (2 * BOARD) / Math.max(stages.width, stages.height));
    boxes.width = Math.round(stages.width * scale);
    boxes.height = Math.round(stages.height * scale);
    const shown = overThreshold(stages.detections, this.threshold);
    drawDetections(boxes.getContext("2d"), shown, scale, Math.round((20 * Math.max(boxes.width, boxes.height)) / 640));
    const each = shown.map(({ name, score }) => `${printable(name)} ${score.toFixed(2)}`).join(", ");
    const names = shown.length > MOST_NAMED ? countsOfClasses(shown) : each;
    const found = shown.length ? `Found ${shown.length}: ${names}.` : "Nothing scores over the threshold.";
    this.say(`${found} Computed in ${Math.max(1, Math.round(1000 * seconds))} ms.`);
  }

  say(text) {
    this.at("status").textContent = text;
  }
}

/** Start the playground of playground.html; returns it. */
export function startPlayground() {
  const data = (id) => JSON.parse(document.getElementById(id).textContent);
  return new Playground(data("models"), data("weights"), data("sample-data"), data("lessons"));
}
