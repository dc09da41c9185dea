// The overlap of two boxes, xyxy: (x_min, y_min, x_max, y_max), x_max - x_min wide with no "+ 1".

export const MAX_COORDINATE = 1e6; // in units of the image's side: where a box ends that overflowed

const LARGEST_AREA = 3.4028234663852886e38 / 4; // leaves room for the sum of two areas in float32

// Return the area of the box that begins at boxes[at]; 0 for one that encloses no finite area.
export function area(boxes, at) {
  const width = Math.fround(boxes[at + 2] - boxes[at]), height = Math.fround(boxes[at + 3] - boxes[at + 1]);
  const product = Math.fround(width * height);
  return width > 0 && height > 0 && product < LARGEST_AREA ? product : 0;
}

// Return the intersection over union of the boxes that begin at boxes[a] and boxes[b], rounded as NumPy's float32.
export function iou(boxes, a, b) {
  const areaA = area(boxes, a), areaB = area(boxes, b);
  if (areaA === 0 || areaB === 0) return 0;
  const width = Math.fround(Math.min(boxes[a + 2], boxes[b + 2]) - Math.max(boxes[a], boxes[b]));
  const height = Math.fround(Math.min(boxes[a + 3], boxes[b + 3]) - Math.max(boxes[a + 1], boxes[b + 1]));
  if (!(width > 0 && height > 0)) return 0;
  const intersection = Math.fround(width * height);
  return Math.fround(intersection / Math.fround(Math.fround(areaA + areaB) - intersection));
}
