// L2 normalization over channels with a learned scale, on the branch of the first feature map (paper, section 3.1).

/** Divide every pixel of the map x by the L2 norm of its channels, then multiply each channel by its scale (C). */
export function l2norm(x, scale, data, epsilon = 1e-10) {
  const { height, width, channels } = x;
  for (let pixel = 0; pixel < height * width * channels; pixel += channels) {
    let sum = epsilon; // inside the root, as in Caffe, so that a pixel of zeros stays zero
    for (let c = 0; c < channels; c++) sum += x.data[pixel + c] ** 2;
    const norm = Math.sqrt(sum);
    for (let c = 0; c < channels; c++) data[pixel + c] = (x.data[pixel + c] / norm) * scale[c];
  }
  return { height, width, channels, data };
}
