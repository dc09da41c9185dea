// The matrix product inside a convolution: rows of pixels times a panel of 8 columns of weights.
//
// Both matrices lie as they are read. A pixel's row is made of taps, stretches of `depth` numbers: the tap t of row r
// begins at address a + r * aStride + taps[t]. So no window is copied, though windows overlap. A panel has 8 weights
// for each number of a row, one after the other.

import { simdProductRows } from "./product_simd.js";

export const PANEL = 8; // columns

/** Return the fastest productRows for a Memory: in WebAssembly where there is SIMD, else in plain JavaScript. */
export function fastProductRows(memory) {
  return (memory.shared && simdProductRows(memory.shared)) ?? plainProductRows(memory);
}

/** Return the function productRows for a Memory, in plain JavaScript: 3 x 4 sums at a time stay in registers. */
export function plainProductRows(memory) {
  /**
   * Write max(floor, bias + sum of row * panel) for `height` rows and 8 columns; row r goes to out + r * outStride.
   * a, panel, bias, out, taps (32-bit offsets, to tapsEnd) are addresses, and strides bytes. Rows are written by threes
   * or fours, so that there must be room for 3 more. NaN stays NaN.
   */
  return function productRows(a, panel, bias, out, taps, tapsEnd, depth, aStride, outStride, height, floor) {
    const numbers = new Float32Array(memory.buffer), offsets = new Int32Array(memory.buffer);
    const below = aStride / 4, next = outStride / 4;
    for (let row = 0; row < height; row += 3) {
      for (let column = PANEL - 4; column >= 0; column -= 4) { // from right to left, see Convolution.run
        const first = bias / 4 + column;
        const [b0, b1, b2, b3] = [numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3]];
        let p0 = b0, p1 = b1, p2 = b2, p3 = b3, q0 = b0, q1 = b1, q2 = b2, q3 = b3, r0 = b0, r1 = b1, r2 = b2, r3 = b3;
        let weight = panel / 4 + column;
        for (let tap = taps / 4; tap < tapsEnd / 4; tap++) {
          const begin = (a + row * aStride + offsets[tap]) / 4;
          for (let k = begin; k < begin + depth; k++, weight += PANEL) {
            const w0 = numbers[weight], w1 = numbers[weight + 1], w2 = numbers[weight + 2], w3 = numbers[weight + 3];
            const p = numbers[k], q = numbers[k + below], r = numbers[k + 2 * below];
            p0 += p * w0; p1 += p * w1; p2 += p * w2; p3 += p * w3;
            q0 += q * w0; q1 += q * w1; q2 += q * w2; q3 += q * w3;
            r0 += r * w0; r1 += r * w1; r2 += r * w2; r3 += r * w3;
          }
        }
        const to = (out + row * outStride) / 4 + column;
        writeFour(numbers, to, p0, p1, p2, p3, floor);
        writeFour(numbers, to + next, q0, q1, q2, q3, floor);
        writeFour(numbers, to + 2 * next, r0, r1, r2, r3, floor);
      }
    }
  };
}

function writeFour(numbers, at, a, b, c, d, floor) {
  numbers[at] = Math.max(a, floor);
  numbers[at + 1] = Math.max(b, floor);
  numbers[at + 2] = Math.max(c, floor);
  numbers[at + 3] = Math.max(d, floor);
}

/**
 * Return weights as panels, Float32Array (panels * rows * 8), zeros beyond the last column.
 * weight: {shape: [kh, kw, C_in, C_out], data}: rows are kh * kw * C_in, columns C_out.
 */
export function toPanels({ shape: [kernelRows, kernelColumns, channelsIn, columns], data }) {
  const rows = kernelRows * kernelColumns * channelsIn, count = Math.ceil(columns / PANEL);
  const panels = new Float32Array(count * rows * PANEL);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const panel = Math.floor(column / PANEL);
      panels[(panel * rows + row) * PANEL + column - panel * PANEL] = data[row * columns + column];
    }
  }
  return panels;
}
