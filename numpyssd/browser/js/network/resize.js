// Resizing an image to a square by the rule of the checkpoint: a network is a little worse behind another one.
// An image is {width, height, data}: bytes, three (RGB) or four (RGBA) for a pixel; the fourth is not looked at.

import { bilinear } from "./bilinear.js";

/**
 * Warp an image to (size * size * 3) RGB: Uint8Array, or Float32Array by the rule "float".
 * rule: "average" over all that a pixel covers, as Pillow's BILINEAR; "opencv": bilinear between the 4 nearest pixels
 * in whole numbers, as cv2.resize does it to bytes; "float": the same in floats and not rounded.
 */
export function resize(image, size, rule) {
  if (rule === "average") return averaged(image, size);
  if (rule === "opencv" || rule === "float") return bilinear(image, size, rule === "opencv");
  throw new Error(`resize must be "average", "opencv" or "float", not ${rule}`);
}

const WEIGHT_BITS = 22; // of Pillow's Resample.c: its weights are whole numbers, which fixes every bit of the result
const HALF_WEIGHT = 1 << (WEIGHT_BITS - 1);

function averaged(image, size) {
  const { width, height } = image;
  // Each pass rounds to bytes, so that their order matters by a level. Pillow 13 begins with the columns of images that
  // are this tall; older ones always begin with the rows.
  const isTall = height > size && 2 * (width - size) < height - size;
  return isTall ? alongRows(alongColumns(image, size), size).data : alongColumns(alongRows(image, size), size).data;
}

// Return an image whose rows have `size` pixels.
function alongRows({ width, height, data }, size) {
  const channels = data.length / (width * height), taps = averageTaps(width, size);
  const out = new Uint8Array(height * size * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      const { first, weights } = taps[x];
      averagePixels(data, (y * width + first) * channels, channels, weights, out, (y * size + x) * 3);
    }
  }
  return { width: size, height, data: out };
}

// Return an image whose columns have `size` pixels.
function alongColumns({ width, height, data }, size) {
  const channels = data.length / (width * height), taps = averageTaps(height, size);
  const out = new Uint8Array(size * width * 3);
  for (let y = 0; y < size; y++) {
    const { first, weights } = taps[y];
    for (let x = 0; x < width; x++) {
      averagePixels(data, (first * width + x) * channels, width * channels, weights, out, (y * width + x) * 3);
    }
  }
  return { width, height: size, data: out };
}

// Write the weighted mean of pixels, one every `step` bytes, to the place `to` of out.
function averagePixels(data, from, step, weights, out, to) {
  let red = HALF_WEIGHT, green = HALF_WEIGHT, blue = HALF_WEIGHT;
  for (let t = 0; t < weights.length; t++, from += step) {
    red += data[from] * weights[t];
    green += data[from + 1] * weights[t];
    blue += data[from + 2] * weights[t];
  }
  out[to] = red >> WEIGHT_BITS;
  out[to + 1] = green >> WEIGHT_BITS;
  out[to + 2] = blue >> WEIGHT_BITS;
}

// Return for each of `size` output pixels the first of the `length` input pixels that it takes, and their weights.
function averageTaps(length, size) {
  if (length === size) return Array.from({ length: size }, (_, i) => ({ first: i, weights: [1 << WEIGHT_BITS] }));
  const scale = length / size, reach = Math.max(scale, 1); // half as wide as the triangle of weights
  return Array.from({ length: size }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), length);
    const parts = [];
    for (let pixel = first; pixel < end; pixel++) {
      parts.push(Math.max(1 - Math.abs((pixel - center + 0.5) * (1 / reach)), 0));
    }
    const sum = parts.reduce((total, part) => total + part, 0);
    return { first, weights: parts.map((part) => Math.trunc(0.5 + (part / sum) * (1 << WEIGHT_BITS))) };
  });
}
