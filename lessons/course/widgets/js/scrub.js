// Step through frames by a slider, by its buttons, or by the arrow keys.
function start(root, data) {
  const {live, controls, say, show} = scene(root, data);
  slider(controls, data.states.length, data.label, (n, input) => {
    const state = data.states[n];
    show(state.image);
    paint(live, state.marks);
    say.textContent = "step " + (n + 1) + " of " + data.states.length + ": " + state.say;
    if (input) input.setAttribute("aria-valuetext", say.textContent);
  }, data.first);
}
