// What a user takes home: the detections that are shown, as JSON, as label files or as images.

import { cocoJson } from "./coco.js";
import { overThreshold } from "./detections.js";
import { annotatedPng } from "./png.js";
import { jsonLine } from "./json_lines.js";
import { labelmeJson } from "./labelme.js";
import { wholeLetters } from "./printable.js";
import { vocXml } from "./voc.js";
import { classList, yoloText } from "./yolo.js";
import { zipOf } from "./zip.js";

export const RESULT_FORMATS = {
  json: "JSON, a line a photograph", voc: "VOC XML", coco: "COCO JSON", yolo: "YOLO text", labelme: "LabelMe JSON",
  png: "annotated image (PNG)",
};

/**
 * Return {name, blob} of one file with the results of photographs, each with its detections.
 * format: a key of RESULT_FORMATS; several files go into a ZIP. onProgress(done, of): after each image.
 */
export async function resultFile(format, photos, thresholds, classNames, onProgress = () => {}) {
  const items = photos.map((photo) => ({ photo, shown: overThreshold(photo.detections, thresholds) }));
  const files = await FILES_OF[format](items, classNames, onProgress);
  if (files.length === 1) return { name: files[0].name, blob: new Blob([files[0].content], { type: typeOf(files[0].name) }) };
  return { name: items.length === 1 ? `${photos[0].stem}.zip` : `${format}.zip`, blob: zipOf(files) };
}

const FILES_OF = {
  json: (items) => {
    const name = items.length === 1 ? `${items[0].photo.stem}.json` : "detections.jsonl";
    return [fileOf(name, items.map(({ photo, shown }) => jsonLine(photo, shown)).join(""))];
  },
  voc: (items) => items.map(({ photo, shown }) => fileOf(`${photo.stem}.xml`, vocXml(photo, shown))),
  coco: (items, names) => [fileOf("annotations.json", cocoJson(items, names))],
  yolo: (items, names) => [
    ...items.map(({ photo, shown }) => fileOf(`${photo.stem}.txt`, yoloText(photo, shown, names))),
    fileOf("classes.txt", classList(names)),
  ],
  labelme: (items) => items.map(({ photo, shown }) => fileOf(`${photo.stem}.json`, labelmeJson(photo, shown))),
  png: async (items, names, onProgress) => {
    const files = [];
    for (const { photo, shown } of items) {
      files.push({ name: `${photo.stem}.png`, content: await annotatedPng(photo.file, shown) });
      onProgress(files.length, items.length);
    }
    return files;
  },
};

/** Return the name of a file without its ending. */
export function stemOf(name) {
  const at = name.lastIndexOf(".");
  return at > 0 ? name.slice(0, at) : name;
}

/** Return a name that none of the names has, in upper or lower case: "image-2.png" for a second "image.png". */
export function uniqueName(name, names) {
  const taken = new Set(names.map((other) => other.toLowerCase())), stem = stemOf(name), ending = name.slice(stem.length);
  let number = 1, own = name;
  while (taken.has(own.toLowerCase())) own = `${stem}-${++number}${ending}`;
  return own;
}

function fileOf(name, text) {
  return { name, content: new TextEncoder().encode(wholeLetters(text)) };
}

function typeOf(name) {
  const types = { ".png": "image/png", ".xml": "application/xml", ".txt": "text/plain" };
  return types[name.slice(-4)] || "application/json";
}
