// What is drawn: a background, and things on it in the order in which they were put there.
import { cellPainter } from "./cells.js";
import { paintShape } from "./shapes.js";

export const BOARD = 320; // pixels a side
const GRAIN = [[4, 0.16], [9, 0.07]]; // cells a side and strength of the smooth noise in the background
const DARKEST = 12, LIGHTEST = 100; // of its main color, of 255: darker than any shape, as in the built-in set
const SMEAR = [226, 217, 220]; // the background of a blood smear

/** Random numbers from 0 to 1 that a seed repeats. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

export class Drawing {
  constructor() {
    this.things = [];
    this.image = null; // a canvas that lies under the things instead of the painted background
    this.seed = 1;
    this.isSmear = false; // whether the background is that of a blood smear
  }

  get width() {
    return this.image ? this.image.width : BOARD;
  }

  get height() {
    return this.image ? this.image.height : BOARD;
  }

  /** How many pixels of the image one pixel of the board is: a photograph is larger than the board. */
  get unit() {
    return Math.max(this.width, this.height) / BOARD;
  }

  add(thing) {
    this.things.push(thing);
    return thing;
  }

  undo() {
    this.things.pop();
  }

  clear() {
    this.things = [];
    this.image = null;
  }

  /** The topmost stamp whose middle is near (x, y), or null. */
  stampAt(x, y) {
    const near = (thing) => thing.kind === "stamp" && Math.hypot(thing.x - x, thing.y - y) < thing.side / 2;
    return [...this.things].reverse().find(near) ?? null;
  }

  paint(context) {
    if (this.image) context.drawImage(this.image, 0, 0);
    else this.paintBackground(context);
    for (const thing of this.things) {
      if (thing.kind === "stroke") paintStroke(context, thing);
      else (cellPainter(thing.shape) ?? paintShape)(context, thing);
    }
  }

  paintBackground(context) {
    const random = seeded(this.seed * 7919), weak = this.isSmear ? 0.25 : 1;
    const dark = [0, 1, 2].map(() => Math.round(DARKEST + (LIGHTEST - DARKEST) * random()));
    context.fillStyle = `rgb(${this.isSmear ? SMEAR : dark})`;
    context.fillRect(0, 0, BOARD, BOARD);
    for (const [cells, strength] of GRAIN) {
      const small = document.createElement("canvas"), inner = small.getContext("2d"), image = inner.createImageData(cells, cells);
      small.width = small.height = cells;
      for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 * strength * weak * 2 : 255 * random() * 0.6;
      inner.putImageData(image, 0, 0);
      context.imageSmoothingQuality = "high";
      context.drawImage(small, 0, 0, BOARD, BOARD);
    }
  }
}

function paintStroke(context, { points, width, color }) {
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  if (points.length === 1) context.lineTo(points[0][0] + 0.01, points[0][1]);
  context.stroke();
}
