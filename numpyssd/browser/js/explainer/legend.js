// The lines and colors of what is drawn over the picture, in words.
import { node } from "./svg.js";

export const LEGEND = [
  ["prediction", "the box"], ["default", "its default box"], ["cell", "its cell"], ["suppressed", "boxes that it removed"],
  ["field", "its receptive field"], ["kept", "other boxes"],
];
export const LEGEND_OF_ASKING = [
  ["prediction", "the best box here"], ["default", "its default box"], ["kept", "boxes that are shown"],
];

/** A line of keys in parent: [[role, text]]. */
export function legendLine(parent, keys) {
  const line = node("p", { class: "ex-legend" }, parent, "Colors in these steps are roles, not classes:");
  for (const [role, text] of keys) {
    const item = node("span", {}, line);
    node("i", { class: `ex-key ex-key-${role}` }, item);
    item.append(text);
  }
  return line;
}
