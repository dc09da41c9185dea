// The chosen photograph with its boxes: two canvases, one over the other, so that boxes are redrawn without the image.

import { drawDetections } from "./annotate.js";

const LEAST_SIDE = 800; // pixels of the page: smaller photographs are enlarged to it, where there is room
const MOST_LABELS = 40; // more would cover the photograph; the list beside it names all

/** The picture in an element; onPoint(detection | null, isClick) is called when the pointer is over a box. */
export class Picture {
  constructor(root, onPoint) {
    this.root = root;
    this.onPoint = onPoint;
    this.image = root.querySelector("canvas.image");
    this.boxes = root.querySelector("canvas.boxes");
    this.view = null;
    this.shown = [];
    this.chosen = null;
    new ResizeObserver(() => this.layOut()).observe(root.parentElement);
    this.boxes.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.onPoint(this.under(event), false);
    });
    this.boxes.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.onPoint(null, false);
    });
    this.boxes.addEventListener("click", (event) => this.onPoint(this.under(event), true));
  }

  /** Show a photograph: its view (a canvas, perhaps smaller than it) and its own width and height in pixels. */
  open(view, width, height) {
    this.root.hidden = false;
    this.view = view;
    this.size = { width, height };
    this.image.width = view.width;
    this.image.height = view.height;
    this.image.getContext("2d").drawImage(view, 0, 0);
    this.image.style.imageRendering = Math.max(width, height) < LEAST_SIDE / 2 ? "pixelated" : "auto";
    this.draw([], null, "");
    this.layOut();
  }

  /** Show no photograph. */
  close() {
    this.root.hidden = true;
    this.view = null;
  }

  /** Draw detections, best first, one of them on top (or null); sentence: for who does not see the picture. */
  draw(shown, chosen, sentence) {
    this.shown = shown;
    this.chosen = chosen;
    this.boxes.setAttribute("aria-label", sentence);
    if (!this.view) return;
    const context = this.boxes.getContext("2d"), ratio = window.devicePixelRatio || 1;
    context.clearRect(0, 0, this.boxes.width, this.boxes.height);
    drawDetections(context, shown, this.boxes.width / this.size.width, Math.round(13 * ratio), chosen, MOST_LABELS);
  }

  layOut() {
    if (!this.view) return;
    const { width, height } = this.size, ratio = window.devicePixelRatio || 1;
    const fit = Math.min(this.root.parentElement.clientWidth / width, (0.8 * window.innerHeight) / height);
    const scale = Math.min(fit, Math.max(1, LEAST_SIDE / Math.max(width, height)));
    const wide = Math.max(1, Math.round(width * scale)), high = Math.max(1, Math.round(height * scale));
    this.root.style.width = `${wide}px`;
    this.root.style.height = `${high}px`;
    if (this.boxes.width === Math.round(wide * ratio) && this.boxes.height === Math.round(high * ratio)) return;
    this.boxes.width = Math.round(wide * ratio);
    this.boxes.height = Math.round(high * ratio);
    this.draw(this.shown, this.chosen, this.boxes.getAttribute("aria-label"));
  }

  /** Return the smallest box under the pointer, or null. */
  under(event) {
    const place = this.boxes.getBoundingClientRect(), scale = this.size.width / place.width;
    const x = (event.clientX - place.left) * scale, y = (event.clientY - place.top) * scale;
    const area = ({ box: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1);
    const inside = this.shown.filter(({ box: [x1, y1, x2, y2] }) => x >= x1 && x < x2 && y >= y1 && y < y2);
    return inside.sort((a, b) => area(a) - area(b))[0] || null;
  }
}
