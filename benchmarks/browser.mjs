// Time the network of a page; benchmarks/browser.py starts this in Node and in Chromium.

import { detectStages } from "../numpyssd/browser/js/network/detect.js";
import { plainProductRows } from "../numpyssd/browser/js/network/matrix_product.js";
import { decodeBase64 } from "../numpyssd/browser/js/network/packing.js";
import { SSD } from "../numpyssd/browser/js/network/ssd.js";

/**
 * Return the milliseconds of each round: {load, first, network, photograph, plain, memory, simd}.
 * model, weights: a description and its packed weights as base64; rounds: of each.
 */
export function measure({ model, weights, rounds }) {
  const began = performance.now(), bytes = decodeBase64(weights), ssd = new SSD(model, bytes);
  const load = performance.now() - began, photograph = noise(640, 480);
  const simd = String(ssd.productRows).includes("[native code]"); // a function of WebAssembly
  const time = (work, count) =>
    Array.from({ length: count }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    });
  const first = time(() => detectStages(ssd, photograph), 1)[0], slow = new SSD(model, bytes, plainProductRows);
  time(() => ssd.forward(ssd.input()), 3);
  const network = time(() => ssd.forward(ssd.input()), rounds);
  const whole = time(() => detectStages(ssd, photograph), rounds);
  const plain = time(() => slow.forward(slow.input()), Math.min(rounds, 5));
  return { load, first, network, photograph: whole, plain, memory: ssd.memory.buffer.byteLength, simd };
}

// An image whose detections are many, so that what comes after the network is not flattered.
function noise(width, height) {
  let state = 1;
  const data = new Uint8ClampedArray(4 * width * height).map(() => (state = (state * 48271) % 2147483647) & 255);
  return { width, height, data };
}
