// The score threshold: a slider that starts where `detect` starts, and the way back there.

import { DEFAULT_THRESHOLD, round } from "./detections.js";
import { shortened } from "./printable.js";

/** The controls in an element; onChange(thresholds) gets a number, or those of the weights, one for each class. */
export class ThresholdControl {
  constructor(root, model, onChange) {
    this.model = model;
    this.onChange = onChange;
    this.slider = root.querySelector("input");
    this.output = root.querySelector("output");
    this.button = root.querySelector("button");
    this.slider.addEventListener("input", () => this.set(Number(this.slider.value)));
    this.button.addEventListener("click", () => this.set(this.start()));
    this.set(this.start());
  }

  /** Return what `detect` uses without --score: the thresholds that an evaluation chose, or one for all. */
  start() {
    return this.model.score_thresholds || DEFAULT_THRESHOLD;
  }

  set(thresholds) {
    this.value = thresholds;
    const ofEach = typeof thresholds !== "number";
    if (ofEach) this.slider.value = thresholds.reduce((sum, value) => sum + value, 0) / thresholds.length;
    else this.slider.value = thresholds;
    const text = ofEach ? this.wordsOfEach(thresholds) : `${round(thresholds, 2).toFixed(2)}`;
    this.output.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    this.button.disabled = thresholds === this.start();
    this.button.textContent = ofEach || this.model.score_thresholds ? "Back to those of each class" : `Back to ${DEFAULT_THRESHOLD}`;
    this.onChange(thresholds);
  }

  wordsOfEach(thresholds) {
    const names = this.model.class_names.map(shortened);
    const each = thresholds.slice(0, 6).map((value, i) => `${names[i]} ${value.toFixed(2)}`).join(", ");
    return `each class its own, ${each}${thresholds.length > 6 ? ", …" : ""} (chosen after training)`;
  }
}
