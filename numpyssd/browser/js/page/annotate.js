// Detections drawn on an image: boxes and labels that can be read at any size of it, as reports/annotate.py draws them.

import { printable } from "./printable.js";

// One color a class, told apart by the color-blind (Okabe and Ito, 2008).
const CLASS_COLORS = ["#E69F00", "#56B4E9", "#CC79A7", "#009E73", "#F0E442", "#D55E00", "#0072B2"];
const MIN_SIDE = 360; // pixels: smaller images are enlarged by a whole factor, or no label would fit
const MAX_SIDE = 2000; // pixels: the longer side of an enlarged image

/** Return the whole factor by which `detect` enlarges an image of this size, 1 for all but small ones. */
export function enlargement(width, height) {
  const fits = Math.floor(MAX_SIDE / Math.max(width, height));
  return Math.max(1, Math.min(Math.ceil(MIN_SIDE / Math.min(width, height)), fits));
}

/** Return the color of a label, from 1 on; it does not depend on the number of classes. */
export function classColor(label) {
  if (label <= CLASS_COLORS.length) return CLASS_COLORS[label - 1];
  return hsvColor((label * 0.618034) % 1, 0.65, 0.9); // steps of the golden angle never give the same hue twice
}

/** Return black or white, whichever is easier to read on a color. */
export function textColor(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "black" : "white";
}

/**
 * Draw detections, best first, on a canvas.
 * scale: pixels of the canvas for one of the image; letter: least height of letters in pixels of the canvas; chosen: the
 * detection that is drawn on top, the others pale, or null; most: how many of the best get a label beside the chosen.
 */
export function drawDetections(context, shown, scale, letter = 13, chosen = null, most = Infinity) {
  const { width, height } = context.canvas;
  const size = Math.max(letter, Math.round(0.02 * Math.sqrt(width * height))), line = Math.max(Math.round(3 * letter / 13), Math.round(size / 7));
  context.font = `${size}px "DejaVu Sans", system-ui, sans-serif`;
  context.textBaseline = "middle";
  const scaled = shown.map((found) => ({
    found, box: found.box.map((value) => value * scale), color: classColor(found.label),
    alpha: chosen === null || found === chosen ? 1 : 0.25,
  }));
  const onTop = (a, b) => (a.found === chosen) - (b.found === chosen);
  const backwards = [...scaled].reverse().sort(onTop); // the best last, and so on top
  for (const { box, color, alpha } of backwards) drawBox(context, box, color, line, alpha);
  const taken = [], labeled = scaled.filter(({ found }, place) => place < most || found === chosen);
  for (const item of labeled) { // the best first: it gets the best place
    item.text = fitted(context, `${printable(item.found.name)} ${item.found.score.toFixed(2)}`, width - 4);
    const wide = Math.round(context.measureText(item.text).width) + (size >> 1), high = Math.round(1.3 * size);
    item.place = labelPlace(item.box, wide, high, width, height, line, taken);
    taken.push(item.place);
  }
  for (const { place: [x1, y1, x2, y2], text, color, alpha } of [...labeled].reverse().sort(onTop)) {
    context.globalAlpha = alpha;
    context.fillStyle = color;
    context.fillRect(x1, y1, x2 - x1, y2 - y1);
    context.fillStyle = textColor(color);
    context.fillText(text, x1 + (size >> 2), (y1 + y2) / 2);
  }
  context.globalAlpha = 1;
}

/**
 * Return where a label goes, [x1, y1, x2, y2] in pixels inside the canvas: above the box, in its upper corner, below it or in its
 * lower corner; the first place that covers no earlier label.
 */
export function labelPlace([x1, y1, x2, y2], wide, high, width, height, line, taken) {
  const half = line >> 1, left = x1 - half, right = x2 - wide + half, above = y1 - high, inside = y1 + half;
  const corners = [[left, above], [left, inside], [left, y2], [left, y2 - high - half], [right, above], [right, y2]];
  const places = [];
  for (const [cornerX, cornerY] of corners) {
    if (places.length && !(cornerY >= 0 && cornerY <= height - high)) continue;
    const x = Math.round(Math.min(Math.max(cornerX, 0), Math.max(0, width - wide)));
    const y = Math.round(Math.min(Math.max(cornerY, 0), Math.max(0, height - high)));
    places.push([x, y, x + wide, y + high]);
  }
  return places.find((place) => !taken.some((other) => areasMeet(place, other))) || places[0];
}

function areasMeet(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function drawBox(context, [x1, y1, x2, y2], color, line, alpha) {
  const left = Math.round(x1), top = Math.round(y1);
  const wide = Math.max(line, Math.round(x2) - left), high = Math.max(line, Math.round(y2) - top);
  const frame = (out, width, style) => { // a line of this width inside the box, grown by `out`
    context.strokeStyle = style;
    context.lineWidth = width;
    const inset = width / 2 - out;
    context.strokeRect(left + inset, top + inset, Math.max(0, wide - 2 * inset), Math.max(0, high - 2 * inset));
  };
  context.globalAlpha = alpha;
  frame(1, line + 2, "black"); // a dark edge, so that it shows on any background
  frame(0, line, color);
  context.globalAlpha = 1;
}

/** Return a text with its middle left out until it is at most so many pixels wide. */
function fitted(context, text, width) {
  let letters = [...text].slice(0, 160), short = letters.join("");
  while (context.measureText(short).width > width && letters.length > 2) {
    const middle = letters.length >> 1;
    letters = [...letters.slice(0, middle - 1), ...letters.slice(middle)];
    short = [...letters.slice(0, letters.length >> 1), "…", ...letters.slice(letters.length >> 1)].join("");
  }
  return short;
}

function hsvColor(hue, saturation, value) {
  const part = (n) => { // https://en.wikipedia.org/wiki/HSL_and_HSV, "HSV to RGB alternative"
    const k = (n + hue * 6) % 6;
    const byte = Math.round(255 * (value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))));
    return byte.toString(16).padStart(2, "0").toUpperCase();
  };
  return `#${part(5)}${part(3)}${part(1)}`;
}
