// Step through frames by a slider, by its buttons, or by the arrow keys; each says which part of the drawing is seen.
function start(root, data) {
  const {svg, live, controls, say} = scene(root, data);
  slider(controls, data.states.length, data.label, (n, input) => {
    const state = data.states[n];
    svg.setAttribute("viewBox", state.view.join(" "));
    paint(live, state.marks);
    say.textContent = "step " + (n + 1) + " of " + data.states.length + ": " + state.say;
    if (input) input.setAttribute("aria-valuetext", say.textContent);
  }, data.first);
}
