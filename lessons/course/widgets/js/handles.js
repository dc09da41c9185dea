// A thing that is dragged on a grid, or moved by the arrow keys: {name, role, x, y, w, h} in steps. Its rectangle is
// t.box; move(t, x, y) is called with the place where it is wanted.
function handle(svg, layer, t, step, move) {
  const names = {class: "m-box handle r-" + t.role, width: t.w * step, height: t.h * step, tabindex: 0};
  t.box = make("rect", {...names, role: "button", "aria-label": t.name + ": move by arrow keys"}, layer);
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

// Put a thing where it is wanted, or as near as it may be.
function put(t, x, y, step, low, high) {
  t.x = Math.max(low[0], Math.min(high[0] - t.w, x));
  t.y = Math.max(low[1], Math.min(high[1] - t.h, y));
  t.box.setAttribute("x", t.x * step);
  t.box.setAttribute("y", t.y * step);
}
