// Stage 6: non-maximum suppression, one step at a time: who stays, and whom it removes.
import { candidateWords, decodedBox, isShown, optionsOf, shownNumber } from "./fates.js";
import { labelsShown, nmsSteps, nmsThreshold } from "./nms_steps.js";
import { toldFrom } from "./numbers.js";
import { className } from "./place.js";
import { buttonRow, node, PhotoWithBoxes } from "./svg.js";
import { STAGE_WORDS } from "./words.js";

const SECONDS_A_STEP = 1.4, ALL_CLASSES = 0; // the label of background, which takes no part in NMS
const WORDS = STAGE_WORDS.find(({ id }) => id === "nms");

export class NmsStage {
  constructor(frame, change) {
    this.frame = frame;
    this.change = change;
    this.labels = buttonRow(frame.body, "class", (label) => { this.stop(); change({ nmsLabel: label, nmsStep: 0 }); });
    this.which = buttonRow(frame.body, "which boxes", (value) => { this.stop(); change({ nmsAll: value === "all", nmsStep: 0 }); });
    this.photo = new PhotoWithBoxes(frame.body, "non-maximum suppression");
    const controls = node("div", { class: "ex-controls" }, frame.body);
    this.back = node("button", { type: "button", "aria-label": "previous step" }, controls, "◀");
    this.slider = node("input", { type: "range", min: 0, max: 1, step: 1, "aria-label": "step of NMS" }, controls);
    this.on = node("button", { type: "button", "aria-label": "next step" }, controls, "▶");
    this.play = node("button", { type: "button" }, controls, "play");
    this.words = node("p", { class: "ex-say", "aria-live": "polite" }, frame.body);
    this.timer = null;
    this.back.addEventListener("click", () => this.go(this.step - 1));
    this.on.addEventListener("click", () => this.go(this.step + 1));
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
  }

  go(step) {
    this.stop();
    this.change({ nmsStep: Math.max(0, Math.min(this.last, step)) });
  }

  start() {
    this.play.textContent = "stop";
    if (this.step === this.last) this.change({ nmsStep: 0 });
    this.timer = setInterval(() => {
      if (this.step >= this.last) this.stop();
      else this.change({ nmsStep: this.step + 1 });
    }, 1000 * SECONDS_A_STEP);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "play";
  }

  draw({ model, stages, picture, threshold, chosen }) {
    const together = optionsOf(stages).one_label, least = nmsThreshold(threshold, chosen.nmsAll), found = labelsShown(stages, least);
    const labels = together && found.length ? [ALL_CLASSES] : found, label = labels.includes(chosen.nmsLabel) ? chosen.nmsLabel : labels[0];
    this.labels.set(labels.map((value) => ({ value, text: value === ALL_CLASSES ? "all classes" : className(model, value) })));
    this.labels.press(label);
    this.which.set([{ value: "shown", text: "over your threshold" }, { value: "all", text: `all ${candidateWords(stages)}` }]);
    this.which.press(chosen.nmsAll ? "all" : "shown");
    this.frame.sentence.textContent = together ? WORDS.togetherSentence : WORDS.sentence;
    this.photo.show(picture, stages.width, stages.height);
    const steps = label === undefined ? [] : nmsSteps(stages, model.config.num_classes, label, least);
    const count = steps.reduce((sum, { removed }) => sum + 1 + removed.length, 0);
    [this.last, this.number] = [steps.length, chosen.number];
    this.step = Math.min(chosen.nmsStep, this.last);
    this.slider.max = this.last;
    this.slider.value = this.step;
    this.slider.disabled = this.play.disabled = this.last === 0;
    this.back.setAttribute("aria-disabled", this.step === 0); // not disabled, or it would lose the focus
    this.on.setAttribute("aria-disabled", this.step === this.last);
    const over = chosen.nmsAll ? `with a score ${candidateWords(stages)}` : "over your threshold";
    const words = this.last ? this.drawStep(model, stages, threshold, steps, label, `${count} boxes`, over) : `No box is ${over}, so there is nothing to suppress.`;
    this.words.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.photo.say(words);
    this.frame.shape.textContent = this.last ? `Shape: ${count} boxes → ${steps.length} ${together ? "of all classes" : `of class ${className(model, label)}`}` : "Shape: 0 boxes";
  }

  drawStep(model, stages, threshold, steps, label, boxes, over) {
    const { photo } = this, say = (own) => `${className(model, own.label)} ${own.score.toFixed(2)}`;
    for (const { row, removed } of steps.slice(this.step)) {
      for (const box of removed) photo.box(decodedBox(stages, box.row), "waiting");
      photo.box(decodedBox(stages, row), "waiting");
    }
    for (const { row, score } of steps.slice(0, Math.max(0, this.step - 1))) photo.box(decodedBox(stages, row), "kept", score.toFixed(2));
    if (this.step === 0) return `Before: ${boxes} say ${label === ALL_CLASSES ? "any class" : className(model, label)} ${over}. Press ▶ to let the best one begin.`;
    const { index, row, removed } = steps[this.step - 1], own = say(steps[this.step - 1]);
    const number = isShown(stages.detections[index], threshold) ? `box ${shownNumber(stages, threshold, index)}` : "below your threshold";
    for (const box of [...removed].reverse()) photo.box(decodedBox(stages, box.row), "suppressed");
    photo.box(decodedBox(stages, row), "prediction", own);
    const asked = removed.find((box) => box.row === this.number);
    if (asked) photo.box(decodedBox(stages, asked.row), "candidate");
    const marked = asked ? ` The chosen box, ${say(asked)} (IoU ${toldFrom(asked.iou, 0.45)}), is one of them (thin, orange).` : "";
    const taken = removed.slice(0, 4).map((box) => `${label === ALL_CLASSES ? say(box) : box.score.toFixed(2)} (IoU ${toldFrom(box.iou, 0.45)})`).join(", ");
    const end = this.step === this.last ? ` Nothing is left: ${steps.length} ${steps.length === 1 ? "stays" : "stay"}.` : "";
    const rest = removed.length > 4 ? ` and ${removed.length - 4} more` : "";
    const words = removed.length ? `removes ${removed.length} (red): ${taken}${rest}.` : "overlaps no other by more than 0.45, and removes nothing.";
    return `Step ${this.step} of ${this.last}: the best that is left, ${own} (${number}), stays and ${words}${marked}${end}`;
  }
}
