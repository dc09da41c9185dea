// Look-alikes of blood cells, drawn, not copied: disks, rings and spots in the colors of a stained smear.

const CELL_PAINTERS = { rbc: paintRedCell, wbc: paintWhiteCell, platelets: paintPlatelet };

/** The painter of a cell of this class name, or null; names as in BCCD: RBC, WBC, Platelets. */
export function cellPainter(name) {
  return CELL_PAINTERS[name.toLowerCase()] ?? null;
}

function disk(context, x, y, radius, stops) {
  const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
  for (const [at, color] of stops) gradient.addColorStop(at, color);
  context.fillStyle = gradient;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function paintRedCell(context, { x, y, side }) {
  disk(context, x, y, side / 2, [[0, "#d9c3bd"], [0.35, "#cfaaa4"], [0.7, "#bf8f8c"], [0.93, "#b58583"], [1, "#c9a5a200"]]);
}

function paintWhiteCell(context, { x, y, side }) {
  disk(context, x, y, side / 2, [[0, "#b9a3c9"], [0.85, "#c0aecb"], [1, "#cbbfd000"]]);
  for (const [dx, dy, size] of [[-0.16, -0.08, 0.26], [0.14, -0.12, 0.25], [0.02, 0.17, 0.27]]) {
    disk(context, x + dx * side, y + dy * side, size * side, [[0, "#5b2f86"], [0.75, "#6a3c94"], [1, "#7d55a300"]]);
  }
}

function paintPlatelet(context, { x, y, side }) {
  disk(context, x, y, side / 2, [[0, "#7a4f9a"], [0.6, "#8d68a8"], [1, "#b59fc400"]]);
}
