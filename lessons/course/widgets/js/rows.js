// Every row of the network's output is a map, a cell and a box: slide, or step by one row. Where the rows themselves are
// drawn, each map has its slots: x, y, width and height of a row's, and one can point at them. Sizes are in pixels of the
// image, which is drawn larger by a scale.
function start(root, data) {
  const {svg, live, controls, say} = scene(root, data), last = data.maps[data.maps.length - 1];
  const count = last.first + last.size * last.size * last.shapes.length;
  const scale = data.scale || 1, found = data.found || {};
  let input = null;
  function light(row) {
    const map = data.maps.filter((m) => m.first <= row).pop(), per = map.shapes.length;
    const cell = Math.floor((row - map.first) / per), box = (row - map.first) % per;
    const i = Math.floor(cell / map.size), j = cell % map.size;
    const [w, h, shape] = map.shapes[box], x = map.centers[j], y = map.centers[i], s = map.step * scale;
    const grid = [];
    for (let n = 0; n <= map.size; n++) {
      grid.push(["line", "grid", n * s, 0, n * s, map.size * s], ["line", "grid", 0, n * s, map.size * s, n * s]);
    }
    const corner = [(x - w / 2) * scale, (y - h / 2) * scale, w * scale, h * scale];
    const own = [["fill", "default-box", j * s, i * s, s, s], ["box", "default-box", ...corner]];
    if (map.slots) own.push(["box", "pointer", ...slot(map, row)]);
    paint(live, [...grid, ...own, ["dot", "default-box", x * scale, y * scale, 2.5]]);
    const round = (v) => Math.round(v * 10) / 10;
    say.textContent = "row " + row + " = " + map.name + ", cell (" + i + ", " + j + "), box " + box + " of " + per +
      ": " + shape + ", " + round(w) + " × " + round(h) + " px around (" + round(x) + ", " + round(y) + ")" + (found[row] || "");
    if (input) input.setAttribute("aria-valuetext", say.textContent);
  }
  function slot(map, row) {
    const [x, y, w, h] = map.slots, line = map.size * map.shapes.length, n = row - map.first;
    return [x + n % line * w, y + Math.floor(n / line) * h, w, h];
  }
  function find(event) {
    const [px, py] = where(svg, event);
    for (const map of data.maps) {
      const [x, y, w, h] = map.slots, line = map.size * map.shapes.length;
      const i = Math.floor((py - y) / h), j = Math.floor((px - x) / w);
      if (i < 0 || i >= map.size || j < 0 || j >= line) continue;
      input.value = map.first + i * line + j;
      light(+input.value);
    }
  }
  if (last.slots) {
    svg.classList.add("pointing");
    svg.addEventListener("pointermove", find);
    svg.addEventListener("pointerdown", find);
  }
  const band = make("div", {class: "choice"}, controls);
  for (const map of data.maps) {
    const button = make("button", {type: "button"}, band, map.name);
    button.addEventListener("click", () => { input.value = map.first; light(map.first); });
  }
  input = slider(controls, count, data.label, light, data.first);
}
