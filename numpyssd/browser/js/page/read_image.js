// A file as an image, as images/read.py reads it: turned as the camera was held, transparency on white, color profiles
// ignored. Chromium's pixels equal Pillow's to the last bit; for two kinds of files that takes a detour, see readBitmap.

import { imageKind, kindSentence } from "./kinds.js";
import { orientationOfWebP, statedSize } from "./image_head.js";
import { readGray16 } from "./png16.js";
import { printable } from "./printable.js";

const MAX_PIXELS = 178956970; // as in Python: twice Pillow's MAX_IMAGE_PIXELS
const HEAD_BYTES = 512 * 1024; // the frame of a JPEG stands behind its EXIF and its color profile
// What each orientation does to (x, y) of the stored image: the numbers of a canvas transform but for the shift.
const TURNS = [[1, 0, 0, 1], [-1, 0, 0, 1], [-1, 0, 0, -1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0], [0, -1, -1, 0], [0, -1, 1, 0]];

/** An image file that cannot be read; the message is a sentence that names the file and what to do. */
export class UnreadableImage extends Error {}

/** Return a canvas with the image of a File on white. Throws UnreadableImage. */
export async function readImage(file) {
  const name = printable(file.name);
  const refuse = (text) => { throw new UnreadableImage(`${name} ${text}`); };
  if (!file.size) refuse("is empty (0 bytes); copy it again from where it came from");
  let head;
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    refuse("cannot be read, for it is a folder, or was moved or changed; choose it again");
  }
  const kind = imageKind(head), size = kind && statedSize(head, kind);
  if (!kind) refuse(kindSentence(head));
  if (size && size.width * size.height > MAX_PIXELS) {
    refuse("claims more than 179 million pixels and is refused; scale it down first");
  }
  let read;
  try {
    read = await readBitmap(file, kind, head);
  } catch {
    refuse("is damaged or cut short, or of a kind that this browser cannot read; copy or convert it again");
  }
  try {
    return onWhite(read.bitmap, read.turn);
  } catch {
    return refuse("is too large for this browser; scale it down first");
  } finally {
    read.bitmap.close();
  }
}

/** Return {bitmap, turn}: what the browser decodes, and the EXIF orientation that it has left for us, 1 for none. */
async function readBitmap(file, kind, head) {
  const options = { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" };
  const bytes = async () => new Uint8Array(await file.arrayBuffer());
  if (kind === "WebP") { // whose EXIF Chromium does not obey
    const turn = orientationOfWebP(await bytes());
    return { bitmap: await createImageBitmap(file, { ...options, imageOrientation: "none" }), turn };
  }
  const bitmap = await createImageBitmap(file, options);
  const gray = kind === "PNG" && head[24] === 16 ? await readGray16(await bytes()) : null;
  if (!gray) return { bitmap, turn: 1 };
  bitmap.close();
  return { bitmap: await createImageBitmap(gray.image), turn: gray.turn };
}

/** Return the pixels of a canvas, {width, height, data: Uint8ClampedArray RGBA}. */
export function pixelsOf(canvas) {
  const { width, height } = canvas;
  return { width, height, data: canvas.getContext("2d").getImageData(0, 0, width, height).data };
}

/** Return a copy of a canvas whose longer side has at most so many pixels. */
export function scaledDown(canvas, longest) {
  const scale = Math.min(1, longest / Math.max(canvas.width, canvas.height));
  const small = document.createElement("canvas");
  small.width = Math.max(1, Math.round(canvas.width * scale));
  small.height = Math.max(1, Math.round(canvas.height * scale));
  const context = small.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, small.width, small.height);
  return small;
}

function onWhite(bitmap, turn) {
  const canvas = document.createElement("canvas");
  const [width, height] = turn >= 5 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true }); // in memory, not in the GPU, which may round
  if (!context) throw new RangeError("no canvas of this size");
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  const [a, b, c, d] = TURNS[turn - 1];
  context.setTransform(a, b, c, d, a + c < 0 ? width : 0, b + d < 0 ? height : 0);
  context.drawImage(bitmap, 0, 0);
  context.getImageData(0, 0, 1, 1); // throws where the browser has no room for such a canvas
  return canvas;
}
