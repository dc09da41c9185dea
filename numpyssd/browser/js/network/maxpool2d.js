// Max pooling: the largest value of each window.

// Return the number of windows over `size` rows (or columns). With ceil_mode the last may hang over the edge, as in
// Caffe (pooling_layer.cpp), but never starts beyond the image and its padding.
export function poolOutputSize(size, step) {
  const span = size + 2 * step.padding - step.size;
  const windows = (step.ceil_mode ? Math.ceil(span / step.stride) : Math.floor(span / step.stride)) + 1;
  return step.ceil_mode && (windows - 1) * step.stride >= size + step.padding ? windows - 1 : windows;
}

/**
 * Take the maximum over windows of the map x; the padding never counts, and NaN is larger than everything.
 * step: {size, stride, padding, ceil_mode}; data: where the result goes, at least H' * W' * C numbers.
 */
export function maxpool2d(x, step, data) {
  const { channels } = x, height = poolOutputSize(x.height, step), width = poolOutputSize(x.width, step);
  data.fill(-Infinity, 0, height * width * channels);
  for (let row = 0; row < height; row++) {
    const top = row * step.stride - step.padding;
    for (let column = 0; column < width; column++) {
      const left = column * step.stride - step.padding, to = (row * width + column) * channels;
      for (let y = Math.max(top, 0); y < Math.min(top + step.size, x.height); y++) {
        for (let x0 = Math.max(left, 0); x0 < Math.min(left + step.size, x.width); x0++) {
          const pixel = (y * x.width + x0) * channels;
          for (let c = 0; c < channels; c++) {
            const value = x.data[pixel + c];
            if (value > data[to + c] || value !== value) data[to + c] = value; // nothing is greater than NaN
          }
        }
      }
    }
  }
  return { height, width, channels, data };
}
