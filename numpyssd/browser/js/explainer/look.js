// The picture beside the stages: point at a box and see all it comes from, or ask why there is no box at a place.
import { candidateWords, decodedBox, defaultCorners, isShown, optionsOf } from "./fates.js";
import { LEGEND, LEGEND_OF_ASKING, legendLine } from "./legend.js";
import { removedBy } from "./nms_steps.js";
import { boxNames, cellSquare, cellWords, className } from "./place.js";
import { receptiveSquare } from "./receptive_field.js";
import { shownBox } from "./stage_shown.js";
import { buttonRow, node, onArrows, PhotoWithBoxes } from "./svg.js";
import { boxesAt, chosenBoxWords, fateWords, noBoxAnswer } from "./why_no_box.js";
import { rankedClasses, whyThisBox } from "./why_this_box.js";

const MOST_REMOVED = 12; // boxes that are drawn in red

export class LookPanel {
  constructor(parent, change, point) {
    this.change = change;
    this.point = point;
    this.mode = buttonRow(parent, "what pointing does", (mode) => change(mode === "ask" ? { ask: [0.5, 0.5] } : { ask: null }));
    this.mode.set([{ value: "box", text: "Why this box?" }, { value: "ask", text: "Why is there no box here?" }]);
    this.photo = new PhotoWithBoxes(parent, "the picture with its boxes");
    this.photo.svg.setAttribute("role", "group");
    this.legends = [LEGEND, LEGEND_OF_ASKING].map((keys) => legendLine(parent, keys));
    this.list = buttonRow(parent, "boxes that are shown", (index) => change({ detection: index, pinned: true, ask: null }), point);
    this.words = node("div", { class: "ex-why", "aria-live": "polite" }, parent);
    this.photo.svg.addEventListener("click", (event) => this.ask(this.photo.where(event)));
    onArrows(this.photo.svg, (dx, dy) => this.place && this.ask([this.place[0] + 0.025 * dx, this.place[1] + 0.025 * dy]));
  }

  ask(at) {
    this.change({ ask: at.map((value) => Math.max(0, Math.min(0.999, value))) });
  }

  draw({ model, stages, picture, threshold, chosen, detect }) {
    this.place = chosen.ask;
    const asking = this.place !== null, { svg } = this.photo;
    this.mode.press(asking ? "ask" : "box");
    if (asking) svg.setAttribute("tabindex", "0");
    else svg.removeAttribute("tabindex");
    svg.classList.toggle("ex-pointing", asking);
    [this.legends[0].hidden, this.legends[1].hidden] = [asking, !asking];
    this.photo.show(picture, stages.width, stages.height);
    const all = stages.detections.map((detection, index) => ({ detection, index }));
    const shown = all.filter(({ detection }) => isShown(detection, threshold));
    this.list.set(shown.map(({ detection, index }) => (
      { value: index, text: `${index + 1}  ${className(model, detection.label)} ${detection.score.toFixed(2)}` }
    )));
    this.list.press(asking ? null : chosen.detection);
    if (asking) this.drawPlace(model, stages, threshold, shown);
    else this.drawChain(model, stages, threshold, shown, chosen, detect !== null);
  }

  drawChain(model, stages, threshold, shown, chosen, canTry) {
    const { photo } = this, { place, number, detection } = chosen;
    photo.box(receptiveSquare(model, place), "field");
    photo.box(cellSquare(model, place.map, place.row, place.column), "cell");
    if (detection !== null) {
      const removed = removedBy(stages, model.config.num_classes, detection).slice(0, MOST_REMOVED);
      for (const { row } of removed) photo.box(decodedBox(stages, row), "suppressed");
    }
    photo.box(defaultCorners(stages, number), "default");
    for (const own of [...shown].reverse()) {
      if (own.index !== detection) photo.box(shownBox(own.detection, stages), "quiet");
    }
    const score = stages.probabilities[number * model.config.num_classes + chosen.label];
    const name = `${className(model, chosen.label)} ${score.toFixed(2)}`;
    photo.box(decodedBox(stages, number), "prediction", name);
    this.drawTargets(model, stages, shown);
    photo.say(`The picture with ${shown.length} boxes; the chosen one is ${name}.`);
    const why = detection !== null && isShown(stages.detections[detection], threshold)
      ? whyThisBox(model, stages, detection, threshold) : [chosenBoxWords(model, stages, threshold, chosen)];
    this.say(shown.length ? null : "No box is over your threshold.", why);
    this.drawLinks(model, stages, canTry, chosen);
  }

  // Invisible areas over the boxes, the smallest on top, that take pointer, tap and focus.
  drawTargets(model, stages, shown) {
    const area = ({ detection: { box } }) => (box[2] - box[0]) * (box[3] - box[1]);
    for (const { detection, index } of [...shown].sort((a, b) => area(b) - area(a))) {
      const group = this.photo.box(shownBox(detection, stages), "target");
      group.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.point(index));
      group.addEventListener("click", (event) => {
        event.stopPropagation();
        this.change({ detection: index, pinned: true });
      });
    }
  }

  drawLinks(model, stages, canTry, { detection, place, number, label }) {
    const list = node("ol", { class: "ex-chain" }), square = receptiveSquare(model, place), side = model.config.image_size;
    const link = (id, text, patch = null) => {
      const button = node("button", { type: "button" }, node("li", {}, list), text);
      button.addEventListener("click", () => {
        if (patch) this.change(patch);
        document.getElementById(`ex-${id}`).scrollIntoView({ behavior: "smooth" });
      });
    };
    node("p", { class: "ex-hint" }, this.words, "Where it comes from, backwards:");
    this.words.append(list);
    if (detection !== null) {
      const count = stages.detections[detection].suppressed.length, ofWhat = optionsOf(stages).one_label ? "any class" : "its class";
      const others = `${count} other ${count === 1 ? "box" : "boxes"} of ${ofWhat} with a score ${candidateWords(stages)}`;
      link("nms", `NMS kept it, and it removed ${others}`);
    }
    link("cells", `it is default box ${number}, “${boxNames(model, place.map)[place.box]}”, moved by four offsets`);
    const rival = rankedClasses(stages, model.config.num_classes, number).find((own) => own.label !== label);
    const spoke = `what spoke for ${className(model, label)}, and what for ${className(model, rival.label)}`;
    link("output", `its class: ${spoke}`, { against: rival.label });
    if (canTry) link("cover", "what in the picture made it: cover it piece by piece");
    link("maps", `it stands on the cell in ${cellWords(model, place)}`);
    const sees = [0, 1].map((i) => Math.round((Math.min(1, square[i + 2]) - Math.max(0, square[i])) * side));
    link("input", `that cell sees ${sees[0]} × ${sees[1]} of the input's ${side} × ${side} pixels`);
  }

  drawPlace(model, stages, threshold, shown) {
    const { photo, place } = this, found = boxesAt(model, stages, ...place, threshold);
    for (const { detection } of [...shown].reverse()) photo.box(shownBox(detection, stages), "quiet");
    if (found.length) {
      photo.box(defaultCorners(stages, found[0].row), "default");
      const name = `${className(model, found[0].label)} ${found[0].score.toFixed(3)}`;
      photo.box(decodedBox(stages, found[0].row), "prediction", name);
      if (found[0].kind === "suppressed") photo.box(shownBox(stages.detections[found[0].by], stages), "winner");
    }
    photo.dot(...place, "place");
    const [across, down] = place.map((value) => Math.round(100 * value));
    photo.say(`The place that you ask about is at ${across} percent across and ${down} percent down.`);
    const hint = "Tap another place, or move the point by the arrow keys. The best box that every map has here:";
    const answer = noBoxAnswer(model, stages, found, threshold), end = answer.indexOf(". ") + 1 || answer.length;
    this.say(answer.slice(0, end), [answer.slice(end), hint]);
    const list = node("ul", { class: "ex-found" }, this.words);
    for (const own of found) {
      const words = `${model.config.feature_maps[own.place.map].name}: ${fateWords(model, stages, own, threshold)}`;
      const button = node("button", { type: "button" }, node("li", {}, list), words);
      button.addEventListener("click", () => this.change({ number: own.row, label: own.label, ask: null, pinned: true }));
    }
  }

  say(bold, sentences) {
    this.words.replaceChildren();
    if (bold) node("p", { class: "ex-say" }, this.words, bold);
    for (const sentence of sentences) node("p", {}, this.words, sentence);
  }
}
