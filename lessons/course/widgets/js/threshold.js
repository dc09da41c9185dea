// Move a threshold: boxes come and go, counts change, and a point wanders along a curve.
function start(root, data) {
  const {stage, live, controls, say} = scene(root, data), counts = make("div", {class: "counts"}, root);
  const point = data.curve && plot(stage, data);
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

// Draw the curve beside the image, with the names and the numbers of its axes, and return the point on it.
function plot(stage, data) {
  const [x, y] = data.axes, [across, up] = data.ticks;
  stage.classList.add("beside");
  const svg = make("svg", {viewBox: "-31 -6 139 134", class: "plot", role: "img", "aria-label": y + " over " + x}, stage);
  make("rect", {class: "frame", x: 0, y: 0, width: 100, height: 100}, svg);
  for (const [at, words] of across) {
    make("line", {class: "frame", x1: 100 * at, y1: 100, x2: 100 * at, y2: 103}, svg);
    make("text", {class: "m-text", x: 100 * at, y: 111, "text-anchor": "middle"}, svg, words);
  }
  for (const [at, words] of up) {
    make("line", {class: "frame", x1: -3, y1: 100 - 100 * at, x2: 0, y2: 100 - 100 * at}, svg);
    make("text", {class: "m-text", x: -5, y: 102.5 - 100 * at, "text-anchor": "end"}, svg, words);
  }
  make("text", {class: "m-text", x: 50, y: 123, "text-anchor": "middle"}, svg, x);
  make("text", {class: "m-text", x: -24, y: 50, "text-anchor": "middle", transform: "rotate(-90 -24 50)"}, svg, y);
  const line = data.curve.map(([a, b]) => a * 100 + "," + (100 - b * 100)).join(" ");
  make("polyline", {class: "curve", points: line}, svg);
  return make("circle", {class: "point", r: 4}, svg);
}
