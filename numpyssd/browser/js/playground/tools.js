// The tools of the playground: what is drawn, with which, in which color and size.
import { buttonRow, node } from "../explainer/svg.js";
import { printable } from "../page/printable.js";
import { cellPainter } from "./cells.js";
import { paintShape } from "./shapes.js";

const COLORS_OF_BRUSH = [
  ["#f2ead2", "cream"], ["#ff8c42", "orange"], ["#ffd23f", "yellow"], ["#7ae582", "green"], ["#6ec6ff", "blue"], ["#ff8fc7", "pink"],
];
const COLORS_OF_CELLS = [["#5b2f86", "purple"], ["#bf8f8c", "red"], ["#e2d9dc", "paper"]];
const TYPICAL_SIDES = { rbc: 54, wbc: 96, platelets: 22 }; // pixels
const ICON = 26; // pixels

/** The controls in an element; shapes: class names that can be stamped; areCells: whether they are blood cells. */
export class Tools {
  constructor(root, shapes, areCells) {
    const colors = areCells ? COLORS_OF_CELLS : COLORS_OF_BRUSH;
    this.value = { tool: "stamp", shape: shapes[0], color: colors[0][0], side: 62, tilt: 0 };
    root.replaceChildren();
    const row = buttonRow(root, "tool", (choice) => {
      const [tool, shape] = choice.split(":");
      Object.assign(this.value, { tool, shape: shape ?? this.value.shape });
      row.press(choice);
      const side = shape && TYPICAL_SIDES[shape.toLowerCase()];
      if (side) this.set("side", side);
    });
    const stamps = shapes.map((shape) => ({ value: `stamp:${shape}`, text: printable(shape) }));
    row.set([...stamps, { value: "brush", text: "brush" }, { value: "move", text: "move" }]);
    row.press(`stamp:${shapes[0]}`);
    [...row.group.children].slice(0, shapes.length).forEach((button, i) => button.prepend(iconOf(shapes[i])));
    this.colors = buttonRow(root, "color", (color) => {
      this.value.color = color;
      this.colors.press(color);
    });
    this.colors.set(colors.map(([value, text]) => ({ value, text })));
    this.colors.press(this.value.color);
    [...this.colors.group.children].forEach((button, i) => {
      const swatch = node("i", { class: "swatch" });
      swatch.style.background = colors[i][0];
      button.prepend(swatch);
    });
    const sliders = node("div", { class: "sliders" }, root);
    this.sliders = {};
    this.slider(sliders, "size", "side", 16, 260, " px");
    if (!areCells) this.slider(sliders, "tilt", "tilt", -45, 45, "°");
    if (areCells) this.set("side", TYPICAL_SIDES[shapes[0].toLowerCase()]);
  }

  /** Move a slider. */
  set(key, value) {
    this.sliders[key].value = value;
    this.sliders[key].dispatchEvent(new Event("input"));
  }

  slider(parent, name, key, min, max, unit) {
    const label = node("label", {}, parent, `${name} `), input = node("input", { type: "range", min, max, step: 1 }, label);
    const output = node("output", {}, label);
    const show = () => {
      this.value[key] = Number(input.value);
      output.textContent = `${input.value}${unit}`;
    };
    input.value = this.value[key];
    input.addEventListener("input", show);
    this.sliders[key] = input;
    show();
  }
}

function iconOf(shape) {
  const canvas = node("canvas", { width: ICON, height: ICON, "aria-hidden": "true" }), context = canvas.getContext("2d");
  const thing = { shape, x: ICON / 2, y: ICON / 2, side: ICON - 4, tilt: 0, color: "#8a8a8a" };
  (cellPainter(shape) ?? paintShape)(context, thing);
  return canvas;
}
