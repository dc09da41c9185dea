// The tools of the playground: what is drawn, with which, in which color and size.
import { buttonRow, node } from "../explainer/svg.js";
import { printable } from "../page/printable.js";
import { cellPainter } from "./cells.js";
import { paintShape } from "./shapes.js";

const COLORS_OF_BRUSH = [
  ["#f2ead2", "cream"], ["#ff8c42", "orange"], ["#ffd23f", "yellow"], ["#7ae582", "green"], ["#6ec6ff", "blue"], ["#ff8fc7", "pink"],
];
const ICON = 26; // pixels

/** The controls in an element; shapes: class names that can be stamped; onChange(): another tool was chosen. */
export class Tools {
  constructor(root, shapes) {
    this.value = { tool: "stamp", shape: shapes[0], color: COLORS_OF_BRUSH[0][0], side: 62, tilt: 0 };
    root.replaceChildren();
    const row = buttonRow(root, "tool", (choice) => {
      const [tool, shape] = choice.split(":");
      Object.assign(this.value, { tool, shape: shape ?? this.value.shape });
      row.press(choice);
    });
    const stamps = shapes.map((shape) => ({ value: `stamp:${shape}`, text: printable(shape) }));
    row.set([...stamps, { value: "brush", text: "brush" }, { value: "move", text: "move" }]);
    row.press(`stamp:${shapes[0]}`);
    [...row.group.children].slice(0, shapes.length).forEach((button, i) => button.prepend(iconOf(shapes[i])));
    this.colors = buttonRow(root, "color", (color) => {
      this.value.color = color;
      this.colors.press(color);
    });
    this.colors.set(COLORS_OF_BRUSH.map(([value, text]) => ({ value, text })));
    this.colors.press(this.value.color);
    [...this.colors.group.children].forEach((button, i) => {
      const swatch = node("i", { class: "swatch" });
      swatch.style.background = COLORS_OF_BRUSH[i][0];
      button.prepend(swatch);
    });
    const sliders = node("div", { class: "sliders" }, root);
    this.slider(sliders, "size", "side", 24, 260, " px");
    this.slider(sliders, "tilt", "tilt", -45, 45, "°");
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
    show();
  }
}

function iconOf(shape) {
  const canvas = node("canvas", { width: ICON, height: ICON, "aria-hidden": "true" }), context = canvas.getContext("2d");
  const thing = { shape, x: ICON / 2, y: ICON / 2, side: ICON - 4, tilt: 0, color: "#8a8a8a" };
  (cellPainter(shape) ?? paintShape)(context, thing);
  return canvas;
}
