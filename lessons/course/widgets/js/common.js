// What all widgets share. A widget is a drawing, controls, and a line that says in words what the drawing shows.
// A mark is a list: ["box", role, x, y, width, height, text], ["fill", role, x, y, width, height],
// ["line", role, x1, y1, x2, y2], ["dot", role, x, y, radius] or ["text", role, x, y, text, anchor]; or its number in the
// pool, because many positions show the same.
function make(name, attributes, parent, text) {
  const svg = ["svg", "g", "rect", "line", "circle", "text", "image", "polyline"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

let pool = [];

function paint(layer, marks, dx = 0, dy = 0) {
  const labels = [], taken = [];
  layer.replaceChildren();
  for (const mark of marks || []) {
    const [kind, role, x, y, a, b, text] = typeof mark === "number" ? pool[mark] : mark;
    const c = "m-" + kind + " r-" + role, X = x + dx, Y = y + dy;
    if (kind === "box" || kind === "fill") make("rect", {class: c, x: X, y: Y, width: a, height: b}, layer);
    if (kind === "line") make("line", {class: c, x1: X, y1: Y, x2: a + dx, y2: b + dy}, layer);
    if (kind === "dot") make("circle", {class: c, cx: X, cy: Y, r: a}, layer);
    if (kind === "text") make("text", {class: c, x: X, y: Y, "text-anchor": b || "middle"}, layer, a);
    if (kind === "box" && text) labels.push([role, X, Y, a, b, text]);
  }
  for (const each of labels) label(layer, taken, ...each);
}

// The label of a box is a card, as large on every screen. It goes to the first place where no other label is: over the
// box, below it, or inside; taken are the places so far.
function label(layer, taken, role, x, y, w, h, words) {
  const unit = 1 / ((layer.getScreenCTM() || {}).a || 1), view = layer.ownerSVGElement.viewBox.baseVal, high = 16 * unit;
  const card = make("rect", {class: "m-card r-" + role, height: high, rx: 2 * unit}, layer);
  const text = make("text", {class: "m-label r-" + role, style: "font-size:" + 12 * unit + "px"}, layer, words);
  const wide = (text.getComputedTextLength() || 7 * unit * words.length) + 6 * unit;
  const places = [[x, y - high], [x + w - wide, y - high], [x, y + h], [x + w - wide, y + h], [x, y], [x + w - wide, y]]
    .map(([left, top]) => [Math.max(view.x, Math.min(view.x + view.width - wide, left)),
      Math.max(view.y, Math.min(view.y + view.height - high, top))]);
  const free = ([left, top]) => !taken.some((t) =>
    left < t[0] + t[2] && t[0] < left + wide && top < t[1] + high && t[1] < top + high);
  const [left, top] = places.find(free) || places[0];
  taken.push([left, top, wide]);
  for (const [key, value] of [["x", left], ["y", top], ["width", wide]]) card.setAttribute(key, value);
  text.setAttribute("x", left + 3 * unit);
  text.setAttribute("y", top + 12 * unit);
}

function scene(root, data) {
  const stage = make("div", {class: "stage"}, root);
  const svg = make("svg", {viewBox: data.view.join(" "), "aria-label": data.label, role: "group"}, stage);
  const image = make("image", {width: data.size[0], height: data.size[1], class: data.crisp ? "crisp" : ""}, svg);
  const show = (n) => data.images.length && image.setAttribute("href", data.images[n || 0]);
  pool = data.pool;
  show(0);
  paint(make("g", {}, svg), data.marks);
  const live = make("g", {}, svg), controls = make("div", {class: "controls"}, root);
  const say = make("output", {class: "say", "aria-live": "polite"}, root);
  return {svg, stage, live, controls, say, show};
}

// Where a pointer is, in the units of the drawing.
function where(svg, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return [point.x, point.y];
}

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

function radio(controls, names, choose, first) {
  const group = make("div", {role: "group", class: "choice"}, controls);
  const buttons = names.map((name, n) => make("button", {type: "button"}, group, name));
  const pick = (n) => { buttons.forEach((b, m) => b.setAttribute("aria-pressed", m === n)); choose(n); };
  buttons.forEach((b, n) => b.addEventListener("click", () => pick(n)));
  pick(first || 0);
}

// A slider between its two buttons, on one row.
function slider(controls, count, name, choose, first) {
  const step = (d) => { input.value = +input.value + d; change(); }, row = make("div", {class: "slide"}, controls);
  const back = make("button", {type: "button", "aria-label": "back"}, row, "◀");
  const input = make("input", {type: "range", min: 0, max: count - 1, step: 1, "aria-label": name}, row);
  const on = make("button", {type: "button", "aria-label": "on"}, row, "▶");
  const change = () => choose(+input.value, input);
  back.addEventListener("click", () => step(-1));
  on.addEventListener("click", () => step(1));
  input.addEventListener("input", change);
  input.value = first || 0;
  change();
  return input;
}
