// Convolution as matrix products over the padded map: what conv2d.js says, many times faster.

import { convOutputSize } from "./conv2d.js";
import { PANEL, toPanels } from "./matrix_product.js";

/** A convolution of maps of one size, with its weights where the product finds them. */
export class Convolution {
  /**
   * step, weight, bias: as conv2d's; x: {height, width, channels} of the maps; memory: a Memory, where the weights are
   * put; productRows: see matrix_product.js. `scratch` is how many float32 `run` needs beside its output.
   */
  constructor(step, weight, bias, x, memory, productRows) {
    const [kernelRows, kernelColumns, channelsIn, channels] = weight.shape;
    Object.assign(this, { step, memory, productRows, kernelRows, kernelColumns, channelsIn, channels });
    this.height = convOutputSize(x.height, kernelRows, step);
    this.width = convOutputSize(x.width, kernelColumns, step);
    this.paddedHeight = x.height + 2 * step.padding;
    this.paddedWidth = x.width + 2 * step.padding;
    // The product may read three pixels too many, which count for nothing.
    const pixels = this.paddedHeight * this.paddedWidth + 3 * step.stride + kernelColumns * step.dilation;
    this.scratch = pixels * channelsIn;

    const rounded = new Float32Array(PANEL * Math.ceil(channels / PANEL));
    rounded.set(bias);
    this.panels = this.keep(toPanels(weight));
    this.bias = this.keep(rounded);
    const taps = this.tapOffsets();
    this.taps = memory.reserve(taps.length);
    this.tapsEnd = this.taps + 4 * taps.length;
    new Int32Array(memory.buffer, this.taps, taps.length).set(taps);
  }

  keep(array) {
    const address = this.memory.reserve(array.length);
    this.memory.floats(address, array.length).set(array);
    return address;
  }

  // Where the taps of a window begin, in bytes. Without dilation the pixels of a kernel's row lie side by side and are
  // one tap.
  tapOffsets() {
    const { dilation } = this.step, pixel = 4 * this.channelsIn, offsets = [];
    this.depth = (dilation === 1 ? this.kernelColumns : 1) * this.channelsIn;
    for (let i = 0; i < this.kernelRows; i++) {
      for (let j = 0; j < (dilation === 1 ? 1 : this.kernelColumns); j++) {
        offsets.push((i * dilation * this.paddedWidth + j * dilation) * pixel);
      }
    }
    return offsets;
  }

  /**
   * Return the convolution of the map x. data: where it goes, in the Memory, with room behind it (`room`);
   * scratch: the address of as many float32 as this.scratch says.
   */
  run(x, scratch, data) {
    const { step, channels, paddedWidth, depth } = this;
    const asItLies = step.padding === 0 && x.data.buffer === this.memory.buffer;
    const from = asItLies ? x.data.byteOffset : this.pad(x, scratch);
    const pixel = 4 * this.channelsIn, panelSize = 4 * PANEL * depth * ((this.tapsEnd - this.taps) / 4);
    const floor = step.relu ? 0 : -Infinity;
    // A 1x1 convolution does not know where a row ends.
    const oneRow = this.kernelRows === 1 && this.kernelColumns === 1 && step.stride === 1;
    const [rows, columns] = oneRow ? [1, this.height * this.width] : [this.height, this.width];
    for (let y = 0; y < rows; y++) {
      const a = from + y * step.stride * paddedWidth * pixel, out = data.byteOffset + 4 * y * columns * channels;
      // What the product writes beyond its rows and columns belongs to pixels that come later, so that panels go from
      // right to left.
      for (let p = Math.ceil(channels / PANEL) - 1; p >= 0; p--) {
        const panel = this.panels + p * panelSize, first = 4 * PANEL * p;
        this.productRows(
          a, panel, this.bias + first, out + first, this.taps, this.tapsEnd, depth,
          step.stride * pixel, 4 * channels, columns, floor,
        );
      }
    }
    return { height: this.height, width: this.width, channels, data };
  }

  // Copy the map x between zeros; return the address.
  pad(x, scratch) {
    const { padding } = this.step, line = x.width * x.channels;
    const out = this.memory.floats(scratch, this.paddedHeight * this.paddedWidth * x.channels).fill(0);
    for (let y = 0; y < x.height; y++) {
      const to = ((y + padding) * this.paddedWidth + padding) * x.channels;
      out.set(x.data.subarray(y * line, (y + 1) * line), to);
    }
    return scratch;
  }
}

// Return how many float32 a map takes as an output: the product may write three pixels and a panel beyond its end.
export function room({ height, width, channels }) {
  return height * width * channels + 3 * channels + PANEL;
}
