// Detections as `detect --json` prints them: one line of JSON an image.

import { round } from "./detections.js";

/** Return the line of a photograph {name, width, height} and the detections that are shown. */
export function jsonLine(photo, shown) {
  const detections = shown.map((found) => ({
    label: found.name, score: round(found.score, 6), box: found.box.map((value) => round(value, 2)),
  }));
  return JSON.stringify({ image: photo.name, width: photo.width, height: photo.height, detections }) + "\n";
}
