// The photographs as a strip of small images, one of them chosen.

import { overThreshold } from "./detections.js";
import { element, moveByArrows } from "./element.js";
import { counted, printable } from "./printable.js";

/** The strip in an element; onChoose(photo) is called when one is chosen. */
export class Strip {
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    this.buttons = new Map(); // photo -> {button, place, count}
    moveByArrows(root);
  }

  show(photos, chosen, thresholds) {
    for (const [photo, { button }] of this.buttons) {
      if (photos.includes(photo)) continue;
      button.remove();
      this.buttons.delete(photo);
    }
    for (const photo of photos) {
      if (!this.buttons.has(photo)) this.buttons.set(photo, this.newButton(photo));
      this.update(photo, photo === chosen, thresholds);
    }
    this.root.hidden = photos.length < 2;
  }

  newButton(photo) {
    const button = element("button", { type: "button" }, this.root), place = element("span", { class: "small" }, button);
    element("span", { class: "name" }, button, printable(photo.name));
    const count = element("span", { class: "count" }, button);
    button.addEventListener("click", () => this.onChoose(photo));
    return { button, place, count };
  }

  update(photo, isChosen, thresholds) {
    const { button, place, count } = this.buttons.get(photo);
    button.setAttribute("aria-pressed", isChosen);
    if (photo.thumbnail && !place.firstChild) place.append(photo.thumbnail);
    const found = photo.detections && overThreshold(photo.detections, thresholds).length;
    const text = found === null ? "waiting" : `${found} found`;
    if (count.textContent !== text) count.textContent = text;
    button.title = `${printable(photo.name)}: ${found === null ? "waiting" : counted(found, "detection")}`;
    if (isChosen && !button.wasChosen) button.scrollIntoView({ block: "nearest", inline: "nearest" });
    button.wasChosen = isChosen;
  }
}
