// Gray PNGs of 16 bits, as microscopes and cameras for measuring write them. Browsers keep the upper 8 bits of each
// value; numpyssd scales 0..65535 to 0..255 and rounds (images/to_rgb.py), which a detector can tell apart.

import { orientationOfExif } from "./image_head.js";
import { lettersOf } from "./kinds.js";

/**
 * Return {image: ImageData, turn: EXIF orientation} of a gray PNG of 16 bits, not interlaced; null for any other file.
 * bytes: Uint8Array of the whole file, whose checksums the browser's own decoder has looked at.
 */
export async function readGray16(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [bits, color, interlaced] = [bytes[24], bytes[25], bytes[28]];
  if (bits !== 16 || color !== 0 || interlaced !== 0) return null;
  const width = view.getUint32(16), height = view.getUint32(20), data = [];
  let transparent = -1, turn = 1;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const kind = lettersOf(bytes.subarray(at + 4, at + 8)), start = at + 8, end = start + view.getUint32(at);
    if (kind === "IDAT") data.push(bytes.subarray(start, end));
    if (kind === "tRNS") transparent = view.getUint16(start);
    if (kind === "eXIf") turn = orientationOfExif(view, start);
  }
  const unpacked = new Blob(data).stream().pipeThrough(new DecompressionStream("deflate"));
  const rows = new Uint8Array(await new Response(unpacked).arrayBuffer());
  unfilter(rows, 2 * width, height);
  const image = new ImageData(width, height);
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0, at = y * (2 * width + 1) + 1; x < width; x++, at += 2, pixel += 4) {
      const value = (rows[at] << 8) | rows[at + 1];
      const gray = value === transparent ? 255 : Math.floor((value / 65535) * 255 + 0.5);
      image.data[pixel] = image.data[pixel + 1] = image.data[pixel + 2] = gray;
      image.data[pixel + 3] = 255;
    }
  }
  return { image, turn };
}

/** Undo the filters of the rows, each one byte for its filter and so many others (PNG specification, 9.2). */
function unfilter(rows, length, height) {
  for (let y = 0; y < height; y++) {
    const start = y * (length + 1) + 1, filter = rows[start - 1];
    for (let x = 0; x < length; x++) {
      const left = x >= 2 ? rows[start + x - 2] : 0, above = y ? rows[start + x - length - 1] : 0;
      const corner = x >= 2 && y ? rows[start + x - length - 3] : 0;
      if (filter === 1) rows[start + x] += left;
      else if (filter === 2) rows[start + x] += above;
      else if (filter === 3) rows[start + x] += (left + above) >> 1;
      else if (filter === 4) rows[start + x] += paeth(left, above, corner);
    }
  }
}

function paeth(left, above, corner) {
  const a = Math.abs(above - corner), b = Math.abs(left - corner), c = Math.abs(left + above - 2 * corner);
  return a <= b && a <= c ? left : b <= c ? above : corner;
}
