// A photograph with its detections as PNG, in the size in which `detect` writes it.

import { drawDetections, enlargement } from "./annotate.js";
import { readImage } from "./read_image.js";

/** Return the bytes of the PNG; file: the photograph, which is read again; shown: its detections. */
export async function annotatedPng(file, shown) {
  const image = await readImage(file), factor = enlargement(image.width, image.height);
  const canvas = document.createElement("canvas");
  canvas.width = image.width * factor;
  canvas.height = image.height * factor;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false; // enlarged by repeating pixels
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  drawDetections(context, shown, factor);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("the browser has no memory for this image");
  return new Uint8Array(await blob.arrayBuffer());
}
