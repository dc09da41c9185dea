// Convolution as plain loops: the specification, which every faster way (convolution.js) is compared with.
// A map is {height, width, channels, data}: data is a Float32Array in the order row, column, channel (NumPy's NHWC).

// Return the number of output rows (or columns) of a convolution over `size` input rows (or columns).
export function convOutputSize(size, kernel, { stride, padding, dilation }) {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Convolve the map x with weight and add bias; negative results become zero if step.relu.
 * weight: {shape: [kh, kw, C_in, C_out], data}; bias: Float32Array (C_out); step: {stride, padding, dilation, relu};
 * data: where the result goes, at least H' * W' * C_out numbers.
 */
export function conv2d(x, weight, bias, step, data) {
  const [kernelRows, kernelColumns, channelsIn, channels] = weight.shape;
  const height = convOutputSize(x.height, kernelRows, step), width = convOutputSize(x.width, kernelColumns, step);
  const sums = new Float64Array(channels);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      sums.set(bias);
      for (let i = 0; i < kernelRows; i++) {
        const y = row * step.stride + i * step.dilation - step.padding;
        for (let j = 0; j < kernelColumns; j++) {
          const x0 = column * step.stride + j * step.dilation - step.padding;
          if (y < 0 || y >= x.height || x0 < 0 || x0 >= x.width) continue; // the padding is zeros
          const pixel = (y * x.width + x0) * channelsIn, kernel = (i * kernelColumns + j) * channelsIn;
          for (let c = 0; c < channelsIn; c++) {
            const value = x.data[pixel + c], from = (kernel + c) * channels;
            for (let o = 0; o < channels; o++) sums[o] += value * weight.data[from + o];
          }
        }
      }
      const to = (row * width + column) * channels;
      for (let o = 0; o < channels; o++) data[to + o] = step.relu && sums[o] < 0 ? 0 : sums[o];
    }
  }
  return { height, width, channels, data };
}
