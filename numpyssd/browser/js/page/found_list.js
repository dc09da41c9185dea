// The detections that are shown as a list, each a button: what a picture says to eyes, for fingers, keys and ears.

import { classColor } from "./annotate.js";
import { element, moveByArrows } from "./element.js";
import { printable } from "./printable.js";

/** The list in an element; onPoint(detection | null, isClick) is called when one has the pointer or the focus. */
export class FoundList {
  constructor(root, onPoint) {
    this.root = root;
    this.onPoint = onPoint;
    this.buttons = new Map();
    moveByArrows(root);
    root.addEventListener("mouseleave", () => onPoint(null, false));
  }

  show(shown, chosen) {
    if (shown.length !== this.buttons.size || shown.some((found) => !this.buttons.has(found))) {
      this.root.replaceChildren();
      this.buttons = new Map(shown.map((found) => [found, this.newButton(found)]));
    }
    for (const [found, button] of this.buttons) button.setAttribute("aria-pressed", found === chosen);
  }

  newButton(found) {
    const button = element("button", { type: "button" }, element("li", {}, this.root));
    element("span", { class: "swatch" }, button).style.background = classColor(found.label);
    element("bdi", { class: "name" }, button, printable(found.name));
    element("span", { class: "score" }, button, found.score.toFixed(3));
    const [x1, y1, x2, y2] = found.box.map(Math.round);
    element("span", { class: "place" }, button, `${x2 - x1} × ${y2 - y1} at ${x1}, ${y1}`);
    button.addEventListener("mouseenter", () => this.onPoint(found, false));
    button.addEventListener("focus", () => this.onPoint(found, false));
    button.addEventListener("blur", () => this.onPoint(null, false));
    button.addEventListener("click", () => this.onPoint(found, true));
    return button;
  }
}
