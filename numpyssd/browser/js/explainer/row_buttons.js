// Rows to choose one from.
import { node } from "./svg.js";

/** Rows to choose one from, each with a bar: rows: [{ value, score, text, note }]. */
export function rowButtons(parent, rows, chosen, choose) {
  const at = Array.from(parent.children).indexOf(document.activeElement);
  parent.replaceChildren();
  rows.forEach(({ value, score, text, note }, i) => {
    const button = node("button", { type: "button", class: "ex-row", "aria-pressed": String(value === chosen) }, parent);
    node("span", { class: "ex-bar", style: `width:${(100 * Math.max(0, Math.min(1, score))).toFixed(1)}%` }, button);
    node("span", { class: "ex-name" }, button, text);
    node("span", { class: "ex-value" }, button, note);
    button.addEventListener("click", () => choose(value));
    if (i === at) button.focus();
  });
}
