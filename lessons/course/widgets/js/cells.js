// Drag things over a grid of cells, and choose how fine it is. Of the things in one cell the first stays.
// grids: {counts, marks, size (of a cell), at}; at has for a center, in half steps, its column and its place in it.
function start(root, data) {
  const {svg, live, controls, say} = scene(root, data), step = data.step;
  const handles = make("g", {}, svg), counts = make("div", {class: "counts"}, root);
  let grid = data.grids[data.first];
  const ends = (t) => [...grid.at[2 * t.y + t.h], ...grid.at[2 * t.x + t.w]];  // row, y, column, x
  const fill = (words, places) => words.replace(/\{(\d)\}/g, (_, n) => places[n]);
  function draw() {
    const places = data.things.map(ends), kept = new Set(), marks = [...grid.marks];
    let lost = false;
    data.things.forEach((t, n) => {
      const [row, , column] = places[n], dropped = kept.has(row + "," + column), role = dropped ? "negative" : t.role;
      lost = lost || dropped;
      kept.add(row + "," + column);
      t.box.setAttribute("class", "m-box handle r-" + role);
      if (!dropped) marks.push(["fill", t.role, column * grid.size, row * grid.size, grid.size, grid.size]);
      marks.push(["dot", role, (t.x + t.w / 2) * step, (t.y + t.h / 2) * step, 4]);
    });
    paint(live, marks);
    say.textContent = fill(lost ? data.lost : data.apart, places.map((place) => fill(data.place, place)));
  }
  const move = (t, x, y) => { put(t, x, y, step, data.low, data.high); draw(); };
  for (const t of data.things) handle(svg, handles, t, step, move);
  for (const t of data.things) put(t, t.x, t.y, step, data.low, data.high);
  slider(controls, data.grids.length, data.label, (n, input) => {
    grid = data.grids[n];
    draw();
    counts.replaceChildren();
    for (const [name, count, role] of grid.counts) make("b", {class: "r-" + role}, counts, name + " " + count);
    if (input) input.setAttribute("aria-valuetext", grid.counts[0].join(" "));
  }, data.first);
}
