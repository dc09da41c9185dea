// Box coding: the network predicts the offsets of a box from a default box (paper, equation 2).

export const CENTER_VARIANCE = 0.1, SIZE_VARIANCE = 0.2; // the units of offsets, which Caffe calls variances

/**
 * Return the boxes (K * 4) xyxy that the offsets loc (K * 4) from the default boxes (K * 4) cxcywh describe.
 * They are not clipped to the image. sizeLimit: how many times as wide or high as its default box a box may become;
 * null for no limit. Each operation is rounded to float32, as NumPy does it.
 */
export function decodeBoxes(loc, defaultBoxes, sizeLimit = null) {
  const boxes = new Float32Array(loc.length), float = Math.fround;
  const limit = sizeLimit === null ? Infinity : float(Math.log(sizeLimit) / SIZE_VARIANCE);
  for (let row = 0; row < loc.length; row += 4) {
    for (let axis = 0; axis < 2; axis++) {
      const center = defaultBoxes[row + axis], size = defaultBoxes[row + 2 + axis];
      const step = float(float(loc[row + axis] * float(CENTER_VARIANCE)) * size), middle = float(center + step);
      const growth = float(Math.min(loc[row + 2 + axis], limit) * float(SIZE_VARIANCE));
      const half = float(float(size * float(Math.exp(growth))) / 2);
      boxes[row + axis] = middle - half;
      boxes[row + 2 + axis] = middle + half;
    }
  }
  return boxes;
}
