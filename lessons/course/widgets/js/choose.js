// Choose one of each group; what is seen and said comes from a table of all combinations.
function start(root, data) {
  const {live, controls, say} = scene(root, data), chosen = data.first.slice();
  data.groups.forEach(({name, options}, g) => {
    const row = make("div", {class: "controls", role: "group", "aria-label": name}, controls);
    make("span", {}, row, name + ":");
    radio(row, options, (n) => {
      chosen[g] = n;
      const [words, marks] = data.states[chosen.join(",")];
      paint(live, marks);
      insets(live, marks, data.images[data.images.length - 1]);
      say.textContent = words;
    }, chosen[g]);
  });
}
