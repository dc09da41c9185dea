// Channels of a feature map as small pictures: bright where the channel's value is large.

const DARK = [24, 16, 60], MIDDLE_COLOR = [190, 55, 110], BRIGHT = [252, 230, 120];

/** The color of a value from 0 to 1, on a scale that grows steadily brighter. */
export function heatColor(value) {
  const [from, to, part] = value < 0.5 ? [DARK, MIDDLE_COLOR, 2 * value] : [MIDDLE_COLOR, BRIGHT, 2 * value - 1];
  return from.map((start, i) => Math.round(start + (to[i] - start) * part));
}

/** The largest value of each channel of a map { size, channels, data }: (channels). */
export function channelPeaks({ channels, data }) {
  const peaks = new Float32Array(channels);
  for (let i = 0; i < data.length; i++) if (data[i] > peaks[i % channels]) peaks[i % channels] = data[i];
  return peaks;
}

/** Write one channel into ImageData at (left, top), one pixel a cell, scaled so that `peak` is brightest. */
export function paintChannel(image, map, channel, peak, left = 0, top = 0) {
  const { size, channels, data } = map;
  for (let cell = 0; cell < size * size; cell++) {
    const value = peak > 0 ? Math.max(0, Math.min(1, data[cell * channels + channel] / peak)) : 0;
    const at = 4 * ((top + Math.floor(cell / size)) * image.width + left + (cell % size));
    [image.data[at], image.data[at + 1], image.data[at + 2]] = heatColor(value);
    image.data[at + 3] = 255;
  }
}

/** How many channels stand in a row of the strip so that each is large enough to see and to tap. */
export function stripColumns(width, channels) {
  return Math.max(4, Math.min(channels, Math.floor(width / 34)));
}

/** Draw all channels of a map onto a canvas, `columns` in a row, one transparent pixel between them. */
export function drawStrip(canvas, map, peaks, columns) {
  const { size, channels } = map, side = size + 1, rows = Math.ceil(channels / columns);
  canvas.width = columns * side;
  canvas.height = rows * side;
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  for (let channel = 0; channel < channels; channel++) {
    paintChannel(image, map, channel, peaks[channel], (channel % columns) * side, Math.floor(channel / columns) * side);
  }
  context.putImageData(image, 0, 0);
}
