// Drag things on a grid (or move them by the arrow keys); what is seen and said comes from a table of all positions.
function start(root, data) {
  const {svg, live, controls, say} = scene(root, data), step = data.step;
  let states, things;
  const handles = make("g", {}, svg);
  function draw() {
    const [a, b] = [things[0], things[things.length - 1]];
    const key = data.relative ? [b.x - a.x, b.y - a.y] : [a.x, a.y];
    const [words, marks] = states[key] || states.other;
    say.textContent = words;
    paint(live, marks, data.relative ? a.x * step : 0, data.relative ? a.y * step : 0);
  }
  function move(t, x, y) {
    put(t, x, y, step, data.low, data.high);
    draw();
  }
  function begin(variant) {
    states = variant.states;
    const old = things;
    things = variant.things.map((t, n) => ({...t, ...(old && {x: old[n].x, y: old[n].y})}));
    handles.replaceChildren();
    for (const t of things) handle(svg, handles, t, step, move);
    for (const t of things) move(t, t.x, t.y);
  }
  if (data.variants.length > 1) radio(controls, data.variants.map((v) => v.name), (n) => begin(data.variants[n]));
  else begin(data.variants[0]);
}
