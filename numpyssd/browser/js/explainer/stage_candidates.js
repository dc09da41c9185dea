// Stage 5: every box over the threshold before non-maximum suppression, and the cells and maps that made them.
import { paintChannel } from "./feature_strip.js";
import { bestClass, candidatesOver, candidateWords, decodedBox, optionsOf } from "./fates.js";
import { firstRows, placeOf } from "./place.js";
import { buttonRow, node, PhotoWithBoxes } from "./svg.js";

const MOST_DRAWN = 250; // boxes: more are one gray cloud, and slow

/** The best object score of every cell of a map, as a map of one channel: { size, channels: 1, data }. */
export function bestScores(model, stages, map) {
  const { size } = model.config.feature_maps[map], perCell = model.predictors[map].boxes_per_cell;
  const data = new Float32Array(size * size), start = firstRows(model)[map];
  for (let cell = 0; cell < data.length; cell++) {
    for (let box = 0; box < perCell; box++) {
      const { score } = bestClass(stages, model.config.num_classes, start + cell * perCell + box);
      if (score > data[cell]) data[cell] = score;
    }
  }
  return { size, channels: 1, data };
}

export class CandidatesStage {
  constructor(frame, change) {
    this.frame = frame;
    this.change = change;
    this.which = "shown";
    this.choice = buttonRow(frame.body, "which candidates", (value) => { this.which = value; change({}); });
    const flow = node("div", { class: "ex-pair" }, frame.body);
    this.photo = new PhotoWithBoxes(flow, "candidates");
    const side = node("div", {}, flow);
    this.words = node("p", { class: "ex-say" }, side);
    node("p", { class: "ex-hint" }, side, "The best score of every cell, map by map (bright: near 1). Tap one to go to its map.");
    this.heats = node("div", { class: "ex-heats", role: "group", "aria-label": "best scores of each map" }, side);
  }

  draw({ model, stages, picture, threshold, chosen }) {
    const classes = model.config.num_classes, all = candidatesOver(stages, classes, 0);
    const over = candidatesOver(stages, classes, threshold), list = this.which === "shown" ? over : all;
    const together = optionsOf(stages).one_label, goesOn = candidateWords(stages);
    this.choice.set([
      { value: "shown", text: `over your threshold: ${over.length}` }, { value: "all", text: `${goesOn}: ${all.length}` },
    ]);
    this.choice.press(this.which);
    this.photo.show(picture, stages.width, stages.height);
    for (const { row, label } of list.slice(0, MOST_DRAWN).reverse()) {
      this.photo.box(decodedBox(stages, row), label === chosen.label ? "candidate" : "other");
    }
    const counts = firstRows(model).slice(1).map(() => 0);
    for (const { row } of list) counts[placeOf(model, row).map] += 1;
    const rows = stages.probabilities.length / classes, names = model.config.feature_maps.map(({ name }) => name);
    const makers = names.map((name, map) => `${name} (${counts[map]})`).filter((_, map) => counts[map]).join(", ");
    const drawn = list.length > MOST_DRAWN ? ` The best ${MOST_DRAWN} are drawn.` : "";
    const words = `${rows} default boxes × ${classes - 1} classes = ${rows * (classes - 1)} scores; ${all.length} are ${goesOn} ` +
      `and go on, ${together ? "one for each box, that of its best class, " : ""}${over.length} over your threshold.${drawn} ` +
      (makers ? `They come from ${makers}. Orange: the chosen class; light blue: others.` : "No map has any.");
    this.words.textContent = words;
    this.photo.say(words);
    this.drawHeats(model, stages, chosen);
    this.frame.shape.textContent = `Shape: ${rows} × ${classes} scores, ${rows} × 4 offsets → ${all.length} candidates`;
  }

  drawHeats(model, stages, chosen) {
    const at = Array.from(this.heats.children).indexOf(document.activeElement);
    this.heats.replaceChildren();
    model.config.feature_maps.forEach(({ name, size }, map) => {
      const scores = bestScores(model, stages, map), best = Math.max(...scores.data);
      const pressed = String(map === chosen.place.map);
      const attributes = { type: "button", "aria-pressed": pressed, "aria-label": `${name}: best score ${best.toFixed(2)}` };
      const button = node("button", attributes, this.heats);
      const canvas = node("canvas", { width: size, height: size }, button), context = canvas.getContext("2d");
      const image = context.createImageData(size, size);
      paintChannel(image, scores, 0, 1);
      context.putImageData(image, 0, 0);
      node("span", {}, button, `${name} ${best.toFixed(2)}`);
      button.addEventListener("click", () => {
        const cell = scores.data.indexOf(best);
        this.change({ map, cell: [Math.floor(cell / size), cell % size] });
      });
      if (map === at) button.focus(); // it replaces the one that had it
    });
  }
}
