// Elements, and boxes drawn over a photograph. Colors and line styles are those of numpyssd/drawing.py (explainer.css).

const SVG_NAMES = ["svg", "g", "rect", "line", "circle", "text", "title", "path"];

/** A new element with attributes and text, at the end of parent; nothing is ever parsed as HTML. */
export function node(name, attributes = {}, parent = null, text = null) {
  const made = SVG_NAMES.includes(name)
    ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const key in attributes) if (attributes[key] !== null) made.setAttribute(key, attributes[key]);
  if (text !== null) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

const LARGEST_COPY = 720; // pixels a side: the photograph is drawn several times
const COARSE = 250; // pixels: a smaller one is enlarged

/** A photograph with a drawing over it whose unit is the pixel of the photograph. */
export class PhotoWithBoxes {
  constructor(parent, name) {
    this.frame = node("div", { class: "ex-photo" }, parent);
    this.canvas = node("canvas", { "aria-hidden": "true" }, this.frame);
    this.svg = node("svg", { role: "img", "aria-label": name }, this.frame);
    this.source = null;
  }

  /**
   * Show a photograph (canvas or ImageBitmap) and take its size; what was drawn over it is removed.
   * margin: pixels of the photograph that stay empty on every side, for boxes that reach beyond it.
   */
  show(picture, width, height, margin = 0) {
    [this.width, this.height, this.margin] = [width, height, margin];
    const wide = width + 2 * margin, high = height + 2 * margin;
    this.letter = 0.034 * Math.max(wide, 0.75 * high);
    const isCoarse = Math.max(width, height) < COARSE; // pixels are seen as squares
    const factor = isCoarse ? 1 : Math.min(1, LARGEST_COPY / Math.max(wide, high));
    this.canvas.width = Math.max(1, Math.round(wide * factor));
    this.canvas.height = Math.max(1, Math.round(high * factor));
    this.svg.setAttribute("viewBox", `${-margin} ${-margin} ${wide} ${high}`);
    const [left, w, h] = [margin, width, height].map((side) => side * factor);
    this.canvas.getContext("2d").drawImage(picture, left, left, w, h);
    this.frame.classList.toggle("ex-coarse", isCoarse);
    this.svg.replaceChildren();
  }

  say(words) {
    this.svg.setAttribute("aria-label", words);
  }

  /** A box [x1, y1, x2, y2] in fractions of the image, in the style of a role, with a label above it. */
  box([x1, y1, x2, y2], role, label = null, parent = this.svg) {
    const [x, y] = [x1 * this.width, y1 * this.height];
    const place = { x, y, width: Math.max(0, (x2 - x1) * this.width), height: Math.max(0, (y2 - y1) * this.height) };
    const group = node("g", { class: `ex-box ex-${role}` }, parent);
    node("rect", { ...place, class: "ex-edge" }, group);
    node("rect", { ...place, class: "ex-line" }, group);
    if (label !== null) this.text(x + 0.15 * this.letter, y, label, group);
    return group;
  }

  /** A text that stays within the photograph; y is the edge that it stands above, or below at the top. */
  text(x, y, words, parent = this.svg) {
    const wide = 0.56 * this.letter * words.length;
    const at = Math.max(0.2 * this.letter, Math.min(x, this.width - wide));
    const above = Math.min(y - 0.25 * this.letter, this.height - 0.3 * this.letter);
    const high = y < 1.2 * this.letter ? Math.max(y, 0) + this.letter : above;
    const style = `font-size:${this.letter}px;stroke-width:${0.28 * this.letter}px`;
    return node("text", { x: at, y: high, style }, parent, words);
  }

  line(x1, y1, x2, y2, role) {
    const [w, h] = [this.width, this.height];
    return node("line", { x1: x1 * w, y1: y1 * h, x2: x2 * w, y2: y2 * h, class: `ex-line ex-${role}` }, this.svg);
  }

  dot(x, y, role) {
    const place = { cx: x * this.width, cy: y * this.height, r: 0.28 * this.letter };
    return node("circle", { ...place, class: `ex-dot ex-${role}` }, this.svg);
  }

  /** Where a pointer is, in fractions of the photograph. */
  where(event) {
    const area = this.svg.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  }
}

const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Call move(dx, dy, whether Shift is held) for the arrow keys on an element that can have the focus. */
export function onArrows(element, move) {
  element.addEventListener("keydown", (event) => {
    const arrow = ARROW_KEYS[event.key];
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(...arrow, event.shiftKey);
  });
}

/**
 * Buttons of which one is pressed: returns { group, set(values), press(value) }; values: [{ value, text }].
 *
 * choose(value): at a click; point(value), where it is given: at focus, and when a mouse comes over it.
 */
export function buttonRow(parent, name, choose, point = null) {
  const group = node("div", { role: "group", "aria-label": name, class: "ex-choice" }, parent);
  let pressed = null, buttons = new Map(), texts = null;
  const press = (value) => {
    pressed = value;
    buttons.forEach((button, own) => button.setAttribute("aria-pressed", String(own === value)));
  };
  const make = ({ value, text }) => {
    const button = node("button", { type: "button" }, group, text);
    button.addEventListener("click", () => choose(value));
    if (point) {
      button.addEventListener("focus", () => point(value));
      button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && point(value));
    }
    return [value, button];
  };
  const set = (values) => {
    const wanted = JSON.stringify(values);
    if (wanted === texts) return; // new buttons would lose the focus
    texts = wanted;
    group.replaceChildren();
    buttons = new Map(values.map(make));
    press(pressed);
  };
  return { group, set, press };
}
