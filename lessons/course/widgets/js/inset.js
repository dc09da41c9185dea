// Marks of a further kind: ["view", role, x, y, width, height, and the same four of a part of the image]. The part of the
// last image fills the rectangle, under all other marks. Where the image ends it is the mean color, as in zoom-out.
function insets(layer, marks, href) {
  const image = layer.ownerSVGElement.querySelector("image");
  for (const mark of marks) {
    const [kind, , x, y, width, height, ...part] = typeof mark === "number" ? pool[mark] : mark;
    if (kind !== "view") continue;
    const frame = make("svg", {x, y, width, height, viewBox: part.join(" "), preserveAspectRatio: "none"});
    make("rect", {x: part[0], y: part[1], width: part[2], height: part[3], fill: "#7b7568"}, frame);
    frame.append(image.cloneNode());
    frame.lastChild.setAttribute("href", href);
    layer.prepend(frame);
  }
}
