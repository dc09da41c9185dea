// One output of a predictor, taken apart: a window of 3 x 3 cells times a kernel, summed by channel, plus a bias.
import { placeOf } from "./place.js";

const WINDOW_SIDE = 3; // of a predictor's window (paper, section 2.1)

/**
 * The sum that makes the logit of one class for one default box, or the difference of two logits.
 *
 * conf: { weight, bias }, tensors of the predictor of the map; number: the row of conf; label: the class, 0 is
 * background; against: a class whose logit is subtracted, or null.
 * Returns {logit, bias, byChannel (channels), byCell (9), window (9 * channels), kernel (9 * channels), channels, place};
 * logit is the network's own; bias and byChannel add up to it, to rounding.
 */
export function oneOutput(model, stages, { weight, bias: { data: bias } }, number, label, against = null) {
  const place = placeOf(model, number);
  const source = place.map === 0 ? stages.norm : stages.maps[place.map];
  const classes = model.config.num_classes, outputs = weight.shape[3], { size, channels } = source;
  const first = place.box * classes + label, second = against === null ? -1 : place.box * classes + against;
  const window = new Float32Array(WINDOW_SIDE * WINDOW_SIDE * channels), kernel = new Float32Array(WINDOW_SIDE * WINDOW_SIDE * channels);
  const byChannel = new Array(channels).fill(0), byCell = new Array(WINDOW_SIDE * WINDOW_SIDE).fill(0);
  for (let cell = 0; cell < WINDOW_SIDE * WINDOW_SIDE; cell++) {
    const row = place.row + Math.floor(cell / WINDOW_SIDE) - 1, column = place.column + (cell % WINDOW_SIDE) - 1;
    const inside = row >= 0 && row < size && column >= 0 && column < size; // beyond the edge are zeros
    for (let channel = 0; channel < channels; channel++) {
      const at = cell * channels + channel;
      window[at] = inside ? source.data[(row * size + column) * channels + channel] : 0;
      kernel[at] = weight.data[at * outputs + first] - (second < 0 ? 0 : weight.data[at * outputs + second]);
      byChannel[channel] += window[at] * kernel[at];
      byCell[cell] += window[at] * kernel[at];
    }
  }
  const logit = (k) => stages.conf[number * classes + k];
  return {
    place, channels, window, kernel, byChannel, byCell,
    bias: bias[first] - (second < 0 ? 0 : bias[second]),
    logit: logit(label) - (second < 0 ? 0 : logit(against)),
  };
}

/**
 * The lines of the sum as it is written down: the channels that count most, all others together, the bias, the logit.
 *
 * Returns {lines: [{channel, value}], others: {count, value}, bias, logit}, rounded to `digits` so that what is written
 * adds up exactly: the others take what rounding leaves.
 */
export function sumLines(output, count, digits = 3) {
  const unit = 10 ** digits, round = (value) => Math.round(value * unit) / unit;
  const order = Array.from(output.byChannel.keys());
  order.sort((a, b) => Math.abs(output.byChannel[b]) - Math.abs(output.byChannel[a]) || a - b);
  const lines = order.slice(0, count).map((channel) => ({ channel, value: round(output.byChannel[channel]) }));
  const bias = round(output.bias), logit = round(output.logit);
  const written = lines.reduce((sum, line) => sum + line.value, bias);
  return { lines, others: { count: output.channels - lines.length, value: round(logit - written) }, bias, logit };
}

/** The nine numbers of one channel: of the window, of the kernel, and their products. */
export function channelWindow(output, channel) {
  const nine = (array) => Array.from({ length: WINDOW_SIDE * WINDOW_SIDE }, (_, cell) => array[cell * output.channels + channel]);
  const window = nine(output.window), kernel = nine(output.kernel);
  return { window, kernel, products: window.map((value, i) => value * kernel[i]) };
}
