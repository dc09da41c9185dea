// How large the image in a file is, from its first bytes, before a decoder takes memory for it; and its EXIF turn in a
// WebP, which browsers do not obey and numpyssd does.

import { lettersOf } from "./kinds.js";

/** Return {width, height} as the file states them, or null where that stands elsewhere; head: Uint8Array. */
export function statedSize(head, kind) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    if (kind === "PNG") return { width: view.getUint32(16), height: view.getUint32(20) };
    if (kind === "GIF") return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (kind === "BMP") return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
    if (kind === "WebP") return sizeOfWebP(view, lettersOf(head.subarray(12, 16)));
    if (kind === "JPEG") return sizeOfJpeg(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // of a file that ends here
  }
  return null;
}

function sizeOfWebP(view, chunk) {
  const threeBytes = (at) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (chunk === "VP8X") return { width: 1 + threeBytes(24), height: 1 + threeBytes(27) };
  if (chunk === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  const bits = view.getUint32(21, true); // "VP8L"
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** Walk over the segments of a JPEG to the one that starts a frame (ITU T.81, B.2.2). */
function sizeOfJpeg(view) {
  for (let at = 2; at + 9 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at++; // bytes that fill
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return null;
}

/** Return the EXIF orientation of a WebP, 1 to 8; bytes: the whole file. 1 where there is none, or it is damaged. */
export function orientationOfWebP(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (let at = 12; at + 8 <= bytes.length; at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) & 1)) {
      if (lettersOf(bytes.subarray(at, at + 4)) === "EXIF") return orientationOfExif(view, at + 8);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** Return the EXIF orientation of a block of EXIF that starts there, 1 to 8; 1 where there is none. */
export function orientationOfExif(view, start) {
  if (view.getUint32(start) === 0x45786966) start += 6; // some writers put "Exif\0\0" in front, as in a JPEG
  const little = view.getUint16(start) === 0x4949;
  const first = start + view.getUint32(start + 4, little);
  for (let entry = 0; entry < view.getUint16(first, little); entry++) {
    const at = first + 2 + 12 * entry;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
