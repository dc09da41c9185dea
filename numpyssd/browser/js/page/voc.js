// Detections as a VOC label file, as datasets/voc/writer.py writes it.

import { roundHalfEven } from "./detections.js";

const XML_ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
// What XML 1.0 does not allow: control characters, half an emoji, and the last two of the 16-bit letters.
const NO_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;

/** Return the XML of a photograph {name, width, height}: boxes 1-based and inclusive, in whole pixels. */
export function vocXml(photo, shown) {
  const lines = ["<annotation>", `  <filename>${xmlText(photo.name)}</filename>`];
  lines.push(`  <size><width>${photo.width}</width><height>${photo.height}</height><depth>3</depth></size>`);
  for (const found of shown) {
    const [x1, y1, x2, y2] = wholePixels(photo, found.box);
    lines.push("  <object>", `    <name>${xmlText(found.name)}</name>`, "    <truncated>0</truncated>");
    lines.push("    <difficult>0</difficult>", "    <bndbox>");
    lines.push(`      <xmin>${x1 + 1}</xmin><ymin>${y1 + 1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax>`);
    lines.push("    </bndbox>", "  </object>");
  }
  return [...lines, "</annotation>", ""].join("\n");
}

/** Return a box in whole pixels, at least one wide and high, inside the image. */
export function wholePixels({ width, height }, [x1, y1, x2, y2]) {
  const clip = (value, low, high) => Math.min(Math.max(roundHalfEven(value), low), high);
  const left = clip(x1, 0, width - 1), top = clip(y1, 0, height - 1);
  return [left, top, clip(x2, left + 1, width), clip(y2, top + 1, height)];
}

function xmlText(value) {
  return value.replace(NO_XML, "?").replace(/[&<>]/g, (letter) => XML_ESCAPES[letter]);
}
