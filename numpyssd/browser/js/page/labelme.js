// Detections as a LabelMe file, as datasets/labelme/writer.py writes it.

import { round } from "./detections.js";

const VERSION = "5.5.0"; // of LabelMe, whose files have these keys; it warns of files that name none

/** Return the JSON of a photograph {name, width, height}, which lies beside the file, and its detections. */
export function labelmeJson(photo, shown) {
  const shapes = shown.map(({ name, score, box }) => {
    const [x1, y1, x2, y2] = box.map((value) => round(value, 2));
    return {
      label: name, points: [[x1, y1], [x2, y2]], group_id: null, description: `score ${score.toFixed(2)}`,
      shape_type: "rectangle", flags: {},
    };
  });
  const content = {
    version: VERSION, flags: {}, shapes, imagePath: photo.name, imageData: null,
    imageHeight: photo.height, imageWidth: photo.width,
  };
  return JSON.stringify(content, null, 2) + "\n";
}
