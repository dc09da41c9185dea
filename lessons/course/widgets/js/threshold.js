// Move a threshold: boxes come and go, counts change, and a point wanders along a curve.
function start(root, data) {
  const {live, controls, say} = scene(root, data), counts = make("div", {class: "counts"}, root);
  let point = null;
  if (data.curve) {
    const [x, y] = data.axes, plot = make("svg", {viewBox: "-16 -8 132 128", class: "plot", role: "img"}, root);
    make("rect", {class: "frame", x: 0, y: 0, width: 100, height: 100}, plot);
    const line = data.curve.map(([a, b]) => a * 100 + "," + (100 - b * 100)).join(" ");
    make("polyline", {class: "curve", points: line}, plot);
    make("text", {class: "m-text", x: 50, y: 116, "text-anchor": "middle"}, plot, x);
    make("text", {class: "m-text", x: -6, y: 50, "text-anchor": "middle", transform: "rotate(-90 -6 50)"}, plot, y);
    point = make("circle", {class: "point", r: 4}, plot);
  }
  slider(controls, data.states.length, data.label, (n, input) => {
    const state = data.states[n];
    paint(live, state.marks);
    say.textContent = state.say;
    counts.replaceChildren();
    for (const [name, count, role] of state.counts || []) make("b", {class: "r-" + role}, counts, name + " " + count);
    if (point && state.point) {
      point.setAttribute("cx", state.point[0] * 100);
      point.setAttribute("cy", 100 - state.point[1] * 100);
    }
    if (input) input.setAttribute("aria-valuetext", state.say);
  }, data.first);
}
