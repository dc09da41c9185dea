// Bilinear interpolation of a whole image between the four nearest pixels, equal to OpenCV's to the last bit.
// Published networks were trained behind one of its two kinds, which round differently.

/**
 * Warp an image {width, height, data} to (size * size * 3) by the four neighbors of each pixel.
 * inBytes: Uint8Array, in whole numbers; otherwise Float32Array, not rounded.
 */
export function bilinear({ width, height, data }, size, inBytes) {
  const channels = data.length / (width * height), mean = inBytes ? meanInBytes : meanInFloats;
  const columns = neighbors(width, size, inBytes), rows = neighbors(height, size, inBytes);
  const out = new (inBytes ? Uint8Array : Float32Array)(size * size * 3);
  rows.forEach(({ before: top, after: bottom, part: down }, y) => {
    columns.forEach(({ before: left, after: right, part: across }, x) => {
      const [a, b] = [(top * width + left) * channels, (top * width + right) * channels];
      const [c, d] = [(bottom * width + left) * channels, (bottom * width + right) * channels];
      for (let i = 0; i < 3; i++) {
        out[(y * size + x) * 3 + i] = mean(data[a + i], data[b + i], data[c + i], data[d + i], across, down);
      }
    });
  });
  return out;
}

// Return for each output pixel the two pixels that its center lies between, and where, a float32 in [0, 1].
// Beyond the centers of the outermost pixels, both are the outermost one. OpenCV computes the places in float32 for
// bytes and in float64 for floats.
function neighbors(length, size, inBytes) {
  return Array.from({ length: size }, (_, i) => {
    const exact = (i + 0.5) * (length / size) - 0.5, at = inBytes ? Math.fround(exact) : exact;
    const before = Math.floor(at);
    const after = Math.min(Math.max(before + 1, 0), length - 1);
    return { before: Math.max(before, 0), after, part: Math.fround(at - before) };
  });
}

function meanInFloats(upperLeft, upperRight, lowerLeft, lowerRight, across, down) {
  const float = Math.fround;
  const upper = float(upperLeft + float((upperRight - upperLeft) * across));
  const lower = float(lowerLeft + float((lowerRight - lowerLeft) * across));
  return upper + float(float(lower - upper) * down);
}

// The 11 bits for a weight and the shifts are those of OpenCV's resize.cpp.
function meanInBytes(upperLeft, upperRight, lowerLeft, lowerRight, across, down) {
  const right = roundToEven(across * 2048), left = roundToEven(Math.fround(1 - across) * 2048);
  const lower = roundToEven(down * 2048), upper = roundToEven(Math.fround(1 - down) * 2048);
  const above = (upper * ((upperLeft * left + upperRight * right) >> 4)) >> 16;
  const below = (lower * ((lowerLeft * left + lowerRight * right) >> 4)) >> 16;
  return (above + below + 2) >> 2;
}

function roundToEven(value) {
  const low = Math.floor(value), part = value - low;
  return part > 0.5 || (part === 0.5 && low % 2 === 1) ? low + 1 : low;
}
