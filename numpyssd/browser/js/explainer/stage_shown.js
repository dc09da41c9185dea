// Stage 7: the detections that are shown.
import { candidateWords, isShown } from "./fates.js";
import { node, PhotoWithBoxes } from "./svg.js";
import { className } from "./place.js";

/** A detection's box in fractions of the image, cut at its edges. */
export function shownBox({ box }, { width, height }) {
  return [box[0] / width, box[1] / height, box[2] / width, box[3] / height];
}

export class ShownStage {
  constructor(frame) {
    this.frame = frame;
    this.photo = new PhotoWithBoxes(frame.body, "what is shown");
    this.words = node("p", { class: "ex-say" }, frame.body);
  }

  draw({ model, stages, picture, threshold, chosen }) {
    const shown = stages.detections.filter((detection) => isShown(detection, threshold));
    this.photo.show(picture, stages.width, stages.height);
    for (const detection of [...shown].reverse()) {
      const role = stages.detections[chosen.detection] === detection ? "prediction" : "kept";
      this.photo.box(shownBox(detection, stages), role, `${className(model, detection.label)} ${detection.score.toFixed(2)}`);
    }
    const count = `${shown.length} of them ${shown.length === 1 ? "is" : "are"} over your threshold and shown`;
    const words = `NMS kept ${stages.detections.length} detections with a score ${candidateWords(stages)}; ${count}.`;
    this.words.textContent = words;
    this.photo.say(words);
    this.frame.shape.textContent = `Shape: ${shown.length} boxes × (4 corners, a class, a score)`;
  }
}
