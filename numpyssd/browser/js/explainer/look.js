// The picture beside the stages: point at a box and see all it comes from, or ask why there is no box at a place.
import { chainOf } from "./chain.js";
import { isShown } from "./fates.js";
import { glossary } from "./glossary.js";
import { LEGEND, LEGEND_OF_ASKING, legendLine } from "./legend.js";
import { drawAsked, drawChosen } from "./look_boxes.js";
import { className } from "./place.js";
import { shownBox } from "./stage_shown.js";
import { buttonRow, node, onArrows, PhotoWithBoxes } from "./svg.js";
import { boxesAt, chosenBoxWords, fateWords, noBoxAnswer } from "./why_no_box.js";
import { whyThisBox } from "./why_this_box.js";

const STEP_OF_KEYS = 0.025, FINE_STEP = 0.005; // of a side
const LONGEST_CLICK = 6; // pixels: a pointer that moved farther has dragged

export class LookPanel {
  /** change(patch): of the choice; point(index): at a detection; goTo(id, patch): to a step, after a change. */
  constructor(parent, change, point, goTo) {
    [this.change, this.point, this.goTo] = [change, point, goTo];
    this.mode = buttonRow(parent, "what pointing does", (mode) => change(mode === "ask" ? { ask: [0.5, 0.5] } : this.backToBoxes()));
    this.mode.set([{ value: "box", text: "Why this box?" }, { value: "ask", text: "Why is there no box here?" }]);
    this.photo = new PhotoWithBoxes(parent, "the picture with its boxes");
    this.photo.svg.setAttribute("role", "group");
    this.legends = [LEGEND, LEGEND_OF_ASKING].map((keys) => legendLine(parent, keys));
    this.list = buttonRow(parent, "boxes that are shown", (index) => change({ detection: index, pinned: true, ask: null }), point);
    this.words = node("div", { class: "ex-why", "aria-live": "polite", tabindex: "-1" }, parent);
    glossary(parent, ["default box", "receptive field", "feature map", "NMS", "IoU", "background"]);
    this.photo.svg.addEventListener("pointerdown", ({ clientX, clientY }) => { this.downAt = [clientX, clientY]; });
    this.photo.svg.addEventListener("click", (event) => this.isDrag(event) || this.ask(this.photo.where(event)));
    onArrows(this.photo.svg, (dx, dy, isFine) => {
      const step = isFine ? FINE_STEP : STEP_OF_KEYS;
      if (this.place) this.ask([this.place[0] + step * dx, this.place[1] + step * dy]);
    });
  }

  // Who draws a rectangle has not asked about the place where it ends.
  isDrag({ clientX, clientY }) {
    return Boolean(this.downAt) && Math.hypot(clientX - this.downAt[0], clientY - this.downAt[1]) > LONGEST_CLICK;
  }

  // The place that was asked about had chosen a default box: back to the best box that is shown, if that is none.
  backToBoxes() {
    const [best] = this.shown;
    return best && !this.shown.some(({ index }) => index === this.chosen.detection) ? { ask: null, detection: best.index, pinned: false } : { ask: null };
  }

  ask(at) {
    this.change({ ask: at.map((value) => Math.max(0, Math.min(0.999, value))) });
  }

  draw(view) {
    const { model, stages, picture, threshold, chosen } = view;
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
    [this.shown, this.chosen] = [shown, chosen];
    this.list.set(shown.map(({ detection, index }, i) => (
      { value: index, text: `${i + 1}  ${className(model, detection.label)} ${detection.score.toFixed(2)}` }
    )));
    this.list.press(asking ? null : chosen.detection);
    if (asking) this.drawPlace(view, shown);
    else this.drawChain(view, shown);
  }

  drawChain(view, shown) {
    const { model, stages, threshold, chosen } = view, { detection } = chosen;
    drawChosen(this.photo, view, shown);
    this.drawTargets(stages, shown);
    const why = detection !== null && isShown(stages.detections[detection], threshold)
      ? whyThisBox(model, stages, detection, threshold) : [chosenBoxWords(model, stages, threshold, chosen)];
    this.say(shown.length ? null : "No box is over your threshold.", why);
    this.drawLinks(view);
  }

  // Invisible areas over the boxes, the smallest on top, that take pointer and tap.
  drawTargets(stages, shown) {
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

  drawLinks(view) {
    node("p", { class: "ex-hint" }, this.words, "Where it comes from, backwards:");
    const list = node("ol", { class: "ex-chain" }, this.words);
    for (const { id, text, patch = {} } of chainOf(view)) {
      const button = node("button", { type: "button" }, node("li", {}, list), text);
      button.addEventListener("click", () => this.goTo(id, patch));
    }
  }

  drawPlace(view, shown) {
    const { photo, place } = this, { model, stages, threshold } = view, found = boxesAt(model, stages, ...place, threshold);
    drawAsked(photo, view, shown, found);
    const [across, down] = place.map((value) => Math.round(100 * value));
    const hint = `This is the place ${across} % across and ${down} % down: tap another one, or move it by the arrow keys (with Shift, ` +
      "slowly). Below is the best box that each map has here. The steps explain the first; press another to see its own.";
    const answer = noBoxAnswer(model, stages, found, threshold), end = answer.indexOf(". ") + 1 || answer.length;
    this.say(answer.slice(0, end), [answer.slice(end), hint]);
    const list = node("ul", { class: "ex-found" }, this.words);
    for (const own of found) {
      const words = `${model.config.feature_maps[own.place.map].name}: ${fateWords(model, stages, own, threshold)}`;
      const button = node("button", { type: "button" }, node("li", {}, list), words);
      button.addEventListener("click", () => {
        this.change({ number: own.row, label: own.label, ask: null, pinned: true });
        this.words.focus({ preventScroll: true }); // the list is gone
      });
    }
  }

  say(bold, sentences) {
    this.words.replaceChildren();
    if (bold) node("p", { class: "ex-say" }, this.words, bold);
    for (const sentence of sentences) node("p", {}, this.words, sentence);
  }
}
