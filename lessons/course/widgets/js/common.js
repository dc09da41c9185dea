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
  layer.replaceChildren();
  for (const mark of marks || []) {
    const [kind, role, x, y, a, b, text] = typeof mark === "number" ? pool[mark] : mark;
    const c = "m-" + kind + " r-" + role, X = x + dx, Y = y + dy;
    if (kind === "box" || kind === "fill") make("rect", {class: c, x: X, y: Y, width: a, height: b}, layer);
    if (kind === "line") make("line", {class: c, x1: X, y1: Y, x2: a + dx, y2: b + dy}, layer);
    if (kind === "dot") make("circle", {class: c, cx: X, cy: Y, r: a}, layer);
    if (kind === "text") make("text", {class: c, x: X, y: Y, "text-anchor": b || "middle"}, layer, a);
    if (kind === "box" && text) {
      const y0 = Y < 13 ? Y + 12 : Y - 3;
      make("text", {class: "m-text halo r-" + role, x: X + 2, y: y0, "text-anchor": "start"}, layer, text);
    }
  }
}

function scene(root, data) {
  const svg = make("svg", {viewBox: data.view.join(" "), "aria-label": data.label, role: "group"}, root);
  const image = make("image", {width: data.size[0], height: data.size[1]}, svg);
  const show = (n) => data.images.length && image.setAttribute("href", data.images[n || 0]);
  pool = data.pool;
  show(0);
  paint(make("g", {}, svg), data.marks);
  const live = make("g", {}, svg), controls = make("div", {class: "controls"}, root);
  const say = make("output", {class: "say", "aria-live": "polite"}, root);
  return {svg, live, controls, say, show};
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

function slider(controls, count, name, choose, first) {
  const step = (d) => { input.value = +input.value + d; change(); };
  const back = make("button", {type: "button", "aria-label": "back"}, controls, "◀");
  const input = make("input", {type: "range", min: 0, max: count - 1, step: 1, "aria-label": name}, controls);
  const on = make("button", {type: "button", "aria-label": "on"}, controls, "▶");
  const change = () => choose(+input.value, input);
  back.addEventListener("click", () => step(-1));
  on.addEventListener("click", () => step(1));
  input.addEventListener("input", change);
  input.value = first || 0;
  change();
  return input;
}
