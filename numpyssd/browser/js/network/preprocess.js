// From a resized image to what the network sees.

/**
 * Return (S * S * 3) with the config's mean subtracted, then scaled. rgb: (S * S * 3), 0 to 255; data: where it goes.
 */
export function normalize(rgb, config, data = new Float32Array(rgb.length)) {
  const mean = config.mean.map(Math.fround), scale = Math.fround(config.pixel_scale);
  for (let i = 0; i < rgb.length; i++) data[i] = Math.fround(rgb[i] - mean[i % 3]) * scale;
  return data;
}
