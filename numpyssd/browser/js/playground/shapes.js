// The shapes of the built-in set as they are stamped: the unit outlines of datasets/shapes/outlines.py.

const HOLE = 0.55, ARM = 0.3, HALF_BASE = Math.sqrt(3) / 2;
const CROSS = [
  [-ARM, -1], [ARM, -1], [ARM, -ARM], [1, -ARM], [1, ARM], [ARM, ARM],
  [ARM, 1], [-ARM, 1], [-ARM, ARM], [-1, ARM], [-1, -ARM], [-ARM, -ARM],
];
const CORNERS = {
  cross: CROSS, rectangle: [[-1, -1], [1, -1], [1, 1], [-1, 1]], triangle: [[0, -1], [-HALF_BASE, 0.5], [HALF_BASE, 0.5]],
};
const STRETCH = 1.15; // a shape is a little longer than wide, as most of the set are

/** Trace a unit shape of a class into a canvas context, in the units that are set there. */
export function traceShape(context, shape) {
  context.beginPath();
  if (CORNERS[shape]) {
    CORNERS[shape].forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    return;
  }
  context.arc(0, 0, 1, 0, 2 * Math.PI);
  if (shape === "ring") {
    context.moveTo(HOLE, 0);
    context.arc(0, 0, HOLE, 0, 2 * Math.PI, true);
  }
}

/** Paint one shape; thing: { shape, x, y, side, tilt, color }, side and places in pixels, tilt in degrees. */
export function paintShape(context, { shape, x, y, side, tilt, color }) {
  context.save();
  context.translate(x, y);
  context.rotate((tilt * Math.PI) / 180);
  context.scale(side / 2, side / 2 / STRETCH);
  traceShape(context, shape);
  context.restore();
  context.fillStyle = color;
  context.fill();
}
