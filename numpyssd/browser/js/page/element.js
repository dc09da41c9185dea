// Elements of a page. Texts go in as text: a class name or a file name may hold anything, a <script> too.

/** Return a new element; attributes: name -> value; text: its content; parent: where it is put, or null. */
export function element(tag, attributes = {}, parent = null, text = null) {
  const made = document.createElement(tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (text !== null) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

/** Let the arrow keys move the focus between the buttons in an element, as in a list. */
export function moveByArrows(root) {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  root.addEventListener("keydown", (event) => {
    const buttons = [...root.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const ends = { Home: 0, End: buttons.length - 1 };
    const next = event.key in ends ? ends[event.key] : at + steps[event.key];
    if (at < 0 || !buttons[next]) return;
    event.preventDefault();
    buttons[next].focus();
  });
}
