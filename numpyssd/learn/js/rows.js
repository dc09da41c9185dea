// Every row of the network's output is a map, a cell and a box: point along the band, slide, or step by one row.
function start(root, data) {
  const {live, controls, say} = scene(root, data), last = data.maps[data.maps.length - 1];
  const count = last.first + last.size * last.size * last.shapes.length;
  let input = null;
  function light(row) {
    const map = data.maps.filter((m) => m.first <= row).pop(), per = map.shapes.length;
    const cell = Math.floor((row - map.first) / per), box = (row - map.first) % per;
    const i = Math.floor(cell / map.size), j = cell % map.size;
    const [w, h, shape] = map.shapes[box], x = map.centres[j], y = map.centres[i], s = map.step;
    const grid = [];
    for (let n = 0; n <= map.size; n++) {
      grid.push(["line", "grid", n * s, 0, n * s, map.size * s], ["line", "grid", 0, n * s, map.size * s, n * s]);
    }
    const own = [["fill", "prediction", j * s, i * s, s, s], ["box", "positive", x - w / 2, y - h / 2, w, h]];
    paint(live, [...grid, ...own, ["dot", "positive", x, y, 2.5]]);
    const round = (v) => Math.round(v * 10) / 10;
    say.textContent = "row " + row + " = " + map.name + ", cell (" + i + ", " + j + "), box " + box + " of " + per +
      ": " + shape + ", " + round(w) + " × " + round(h) + " px around (" + round(x) + ", " + round(y) + ")";
    if (input) input.setAttribute("aria-valuetext", say.textContent);
  }
  const band = make("div", {class: "choice"}, controls);
  for (const map of data.maps) {
    const button = make("button", {type: "button"}, band, map.name);
    button.addEventListener("click", () => { input.value = map.first; light(map.first); });
  }
  input = slider(controls, count, data.label, light, data.first);
}
