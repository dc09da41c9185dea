// Point at a cell, touch it, or walk by the arrow keys: what it comes from lights up and is said in words.
function start(root, data) {
  const {svg, live, say} = scene(root, data);
  let now = data.first || 0;
  function light(n) {
    const [x, y, w, h, words, marks] = data.cells[n];
    now = n;
    paint(live, [...(marks || []), ["box", "pointer", x, y, w, h]]);
    say.textContent = words;
  }
  function find(event) {
    const [px, py] = where(svg, event);
    const n = data.cells.findIndex(([x, y, w, h]) => x <= px && px < x + w && y <= py && py < y + h);
    if (n >= 0 && n !== now) light(n);
  }
  svg.setAttribute("tabindex", 0);
  svg.classList.add("pointing");
  svg.addEventListener("pointermove", find);
  svg.addEventListener("pointerdown", find);
  svg.addEventListener("keydown", (e) => {
    const arrow = ARROWS[e.key], n = arrow && now + arrow[0] + arrow[1] * data.columns;
    if (arrow) e.preventDefault();
    if (arrow && n >= 0 && n < data.cells.length) light(n);
  });
  light(now);
}
