// Choose between images, A or B.
function start(root, data) {
  const {live, controls, say, show} = scene(root, data);
  radio(controls, data.states.map((s) => s.name), (n) => {
    const state = data.states[n];
    show(state.image);
    paint(live, state.marks);
    say.textContent = state.say;
  }, data.first);
}
