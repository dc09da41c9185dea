// Detections of several photographs as one COCO file, as datasets/coco/writer.py writes it.

import { round } from "./detections.js";

/** Return the JSON; photos: [{photo: {name, width, height}, shown: its detections}]; class names: label 1 first. */
export function cocoJson(photos, classNames) {
  const images = [], annotations = [];
  photos.forEach(({ photo, shown }, index) => {
    images.push({ id: index + 1, file_name: photo.name, width: photo.width, height: photo.height });
    for (const found of shown) annotations.push(annotation(annotations.length + 1, index + 1, found));
  });
  const categories = classNames.map((name, index) => ({ id: index + 1, name, supercategory: "" }));
  return JSON.stringify({ images, annotations, categories }, null, 1) + "\n";
}

function annotation(id, imageId, { label, score, box }) {
  const [x1, y1, x2, y2] = box.map((value) => round(value, 2));
  const width = round(x2 - x1, 2), height = round(y2 - y1, 2);
  return {
    id, image_id: imageId, category_id: label, bbox: [x1, y1, width, height], area: round(width * height, 2),
    iscrowd: 0, segmentation: [], score: round(score, 4),
  };
}
