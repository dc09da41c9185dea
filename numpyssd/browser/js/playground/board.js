// The board: pointer, finger and keys on the canvas put things into a Drawing.

const STEP = 8; // pixels that an arrow key moves the cursor; with Shift 1
const LEAST_DRAG = 10; // pixels: a shorter drag leaves a stamp at the size that is set

/**
 * canvas: shows the drawing; cursor: an element that marks where the keys stand. tools(): { tool, shape, color, side,
 * tilt } as they are set; tool: "stamp", "brush" or "move". onChange(): the drawing has changed.
 */
export class Board {
  constructor(canvas, cursor, drawing, tools, onChange) {
    [this.canvas, this.cursor, this.drawing, this.tools, this.onChange] = [canvas, cursor, drawing, tools, onChange];
    this.held = null; // what the pointer is drawing or moving: { thing, x, y }
    this.pen = null; // the stroke that the keys are drawing
    this.at = [0.5, 0.5]; // the keys' cursor, in fractions
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { this.held = null; });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.showCursor(canvas.matches(":focus-visible")));
    canvas.addEventListener("blur", () => this.showCursor(false));
  }

  place(event) {
    const area = this.canvas.getBoundingClientRect();
    return [((event.clientX - area.left) / area.width) * this.drawing.width, ((event.clientY - area.top) / area.height) * this.drawing.height];
  }

  down(event) {
    if (event.button) return;
    const [x, y] = this.place(event), { tool } = this.tools();
    this.canvas.setPointerCapture(event.pointerId);
    const thing = tool === "move" ? this.drawing.stampAt(x, y) : this.begin(x, y);
    this.held = thing && { thing, x, y, tool };
    this.onChange();
  }

  begin(x, y) {
    const { tool, shape, color, side, tilt } = this.tools(), { unit } = this.drawing;
    if (tool === "brush") return this.drawing.add({ kind: "stroke", points: [[x, y]], width: (side * unit) / 4, color });
    return this.drawing.add({ kind: "stamp", shape, x, y, side: side * unit, tilt, color });
  }

  move(event) {
    if (!this.held) return;
    const [x, y] = this.place(event), { thing, tool } = this.held;
    if (tool === "brush") thing.points.push([x, y]);
    else if (tool === "move") {
      thing.x += x - this.held.x;
      thing.y += y - this.held.y;
      [this.held.x, this.held.y] = [x, y];
    } else {
      const far = Math.hypot(x - this.held.x, y - this.held.y);
      if (far > LEAST_DRAG * this.drawing.unit) thing.side = 2 * far;
    }
    this.onChange();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (arrow) this.walk(...arrow.map((part) => part * (event.shiftKey ? 1 : STEP) * this.drawing.unit));
    else if (event.key === "Enter" || event.key === " ") this.press();
    else if (event.key === "Backspace" || event.key === "Delete") this.drawing.undo();
    else return;
    event.preventDefault();
    this.showCursor(true);
    this.onChange();
  }

  // With "move" the arrow keys move what was put there last, otherwise the cursor, and a stroke follows it.
  walk(dx, dy) {
    const { width, height, things } = this.drawing, last = things.at(-1);
    if (this.tools().tool === "move" && last?.kind === "stamp") {
      last.x += dx;
      last.y += dy;
      this.at = [last.x / width, last.y / height];
      return;
    }
    this.at = [this.at[0] + dx / width, this.at[1] + dy / height].map((value) => Math.max(0, Math.min(1, value)));
    this.pen?.points.push([this.at[0] * width, this.at[1] * height]);
  }

  press() {
    const { tool } = this.tools();
    if (tool === "move") return;
    if (this.pen) this.pen = null;
    else {
      const thing = this.begin(this.at[0] * this.drawing.width, this.at[1] * this.drawing.height);
      if (tool === "brush") this.pen = thing;
    }
  }

  showCursor(visible) {
    this.cursor.hidden = !visible;
    [this.cursor.style.left, this.cursor.style.top] = this.at.map((value) => `${100 * value}%`);
  }
}
