// Default boxes (priors, anchors): the fixed boxes that the network classifies and moves (paper, section 2.2).

// Return [width, height] in pixels of each box of a cell: the small square, the large square, then for each aspect
// ratio the wide box and its tall inverse. wholePixels cuts the scales to whole pixels, as Caffe does.
export function cellSizes(featureMap, wholePixels) {
  let { scale_px: scale, next_scale_px: next } = featureMap;
  if (wholePixels) [scale, next] = [Math.trunc(scale), Math.trunc(next)];
  const large = Math.sqrt(scale * next), sizes = [[scale, scale], [large, large]];
  for (const ratio of featureMap.aspect_ratios) {
    const root = Math.sqrt(ratio);
    sizes.push([scale * root, scale / root], [scale / root, scale * root]);
  }
  return sizes;
}

/**
 * Return all default boxes of a network, Float32Array (K * 4) cxcywh in units of the image's side.
 * Their order is feature map, row, column, box in the cell, which is that of the predictors' output.
 */
export function defaultBoxes(config) {
  const boxes = [], side = config.image_size;
  for (const featureMap of config.feature_maps) {
    const sizes = cellSizes(featureMap, config.whole_pixels);
    const step = config.center_rule === "step" ? featureMap.step : side / featureMap.size;
    for (let row = 0; row < featureMap.size; row++) {
      for (let column = 0; column < featureMap.size; column++) {
        for (const [width, height] of sizes) {
          const box = [((column + 0.5) * step) / side, ((row + 0.5) * step) / side, width / side, height / side];
          boxes.push(...clipDefaultBox(box, config.clip_mode));
        }
      }
    }
  }
  return new Float32Array(boxes);
}

const toUnit = (value) => Math.min(Math.max(value, 0), 1);

// Three things that are all called clipping (default_box_variants.py has who does which).
function clipDefaultBox([cx, cy, width, height], mode) {
  if (mode === "corners") {
    const [x1, x2] = [toUnit(cx - width / 2), toUnit(cx + width / 2)];
    const [y1, y2] = [toUnit(cy - height / 2), toUnit(cy + height / 2)];
    return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
  }
  if (mode === "cxcywh") return [cx, cy, width, height].map(toUnit);
  if (mode === "size") return [cx, cy, Math.min(width, 1), Math.min(height, 1)];
  return [cx, cy, width, height];
}
