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

/** Return the function productRows for a Memory, in plain JavaScript: four sums at a time stay in registers. */
export function plainProductRows(memory) {
  /**
   * Write max(floor, bias + sum of row * panel) for `height` rows and 8 columns; row r goes to out + r * outStride.
   * a, panel, bias, out, taps (32-bit offsets, to tapsEnd) are addresses, and strides bytes.
   * Up to 3 rows more are written where height is less than 4: there must be room for them.
   */
  return function productRows(a, panel, bias, out, taps, tapsEnd, depth, aStride, outStride, height, floor) {
    const numbers = new Float32Array(memory.buffer), offsets = new Int32Array(memory.buffer);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < PANEL; column += 4) {
        const first = bias / 4 + column;
        let sum0 = numbers[first], sum1 = numbers[first + 1], sum2 = numbers[first + 2], sum3 = numbers[first + 3];
        let weight = panel / 4 + column;
        for (let tap = taps / 4; tap < tapsEnd / 4; tap++) {
          const begin = (a + row * aStride + offsets[tap]) / 4;
          for (let k = begin; k < begin + depth; k++, weight += PANEL) {
            const value = numbers[k];
            sum0 += value * numbers[weight];
            sum1 += value * numbers[weight + 1];
            sum2 += value * numbers[weight + 2];
            sum3 += value * numbers[weight + 3];
          }
        }
        const to = (out + row * outStride) / 4 + column;
        numbers[to] = Math.max(sum0, floor); // NaN stays NaN
        numbers[to + 1] = Math.max(sum1, floor);
        numbers[to + 2] = Math.max(sum2, floor);
        numbers[to + 3] = Math.max(sum3, floor);
      }
    }
  };
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
