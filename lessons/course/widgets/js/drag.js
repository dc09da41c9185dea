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
    for (const t of things) {
      t.box.setAttribute("x", t.x * step);
      t.box.setAttribute("y", t.y * step);
    }
  }
  function move(t, x, y) {
    t.x = Math.max(data.low[0], Math.min(data.high[0] - t.w, x));
    t.y = Math.max(data.low[1], Math.min(data.high[1] - t.h, y));
    draw();
  }
  function begin(variant) {
    states = variant.states;
    const old = things;
    things = variant.things.map((t, n) => ({...t, ...(old && {x: old[n].x, y: old[n].y})}));
    handles.replaceChildren();
    for (const t of things) {
      const names = {class: "m-box handle r-" + t.role, width: t.w * step, height: t.h * step, tabindex: 0};
      t.box = make("rect", {...names, role: "button", "aria-label": t.name + ": move by arrow keys"}, handles);
      let hold = null;
      t.box.addEventListener("pointerdown", (e) => {
        const [x, y] = where(svg, e);
        hold = [x - t.x * step, y - t.y * step];
        t.box.setPointerCapture(e.pointerId);
      });
      t.box.addEventListener("pointermove", (e) => {
        if (!hold) return;
        const [x, y] = where(svg, e);
        move(t, Math.round((x - hold[0]) / step), Math.round((y - hold[1]) / step));
      });
      t.box.addEventListener("pointerup", () => { hold = null; });
      t.box.addEventListener("pointercancel", () => { hold = null; });
      t.box.addEventListener("keydown", (e) => {
        const arrow = ARROWS[e.key];
        if (arrow) { e.preventDefault(); move(t, t.x + arrow[0], t.y + arrow[1]); }
      });
    }
    for (const t of things) move(t, t.x, t.y);
  }
  if (data.variants.length > 1) radio(controls, data.variants.map((v) => v.name), (n) => begin(data.variants[n]));
  else begin(data.variants[0]);
}
