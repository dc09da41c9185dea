// Fast convolutions of random maps beside the plain loops, for test_convolution.py.
import { conv2d } from "../../numpyssd/browser/js/network/conv2d.js";
import { Convolution, room } from "../../numpyssd/browser/js/network/convolution.js";
import { fastProductRows, plainProductRows } from "../../numpyssd/browser/js/network/matrix_product.js";
import { Memory } from "../../numpyssd/browser/js/network/memory.js";

const MARK = 7; // what lies before and behind the room of an output, and must stay

/**
 * Return the largest difference from the plain loops over the largest result; kind: "fast" or "plain".
 * shape: {height, width, channels_in, channels, kernel: [rows, columns], stride, padding, dilation, relu}.
 */
export function difference(shape, kind, seed) {
  const random = randomNumbers(seed), [rows, columns] = shape.kernel, { channels_in: channelsIn, channels } = shape;
  const numbers = (count) => Float32Array.from({ length: count }, () => 2 * random() - 1);
  const x = { height: shape.height, width: shape.width, channels: channelsIn };
  const shaped = [rows, columns, channelsIn, channels];
  const weight = { shape: shaped, data: numbers(rows * columns * channelsIn * channels) };
  const bias = numbers(channels), image = numbers(x.height * x.width * channelsIn), memory = new Memory();
  const productRows = (kind === "fast" ? fastProductRows : plainProductRows)(memory);
  const layer = new Convolution(shape, weight, bias, x, memory, productRows);
  const count = layer.height * layer.width * channels;
  const [before, out, behind] = [64, room(layer), 64].map((length) => memory.reserve(length));
  const input = memory.reserve(image.length), scratch = memory.reserve(layer.scratch);
  const marks = [before, behind].map((address) => memory.floats(address, 64).fill(MARK));
  memory.floats(scratch, layer.scratch).fill(NaN); // of another map
  const data = memory.floats(input, image.length);
  data.set(image);
  const found = layer.run({ ...x, data }, scratch, memory.floats(out, count));
  const wanted = conv2d({ ...x, data: image }, weight, bias, shape, new Float32Array(count));
  if (found.height !== wanted.height || found.width !== wanted.width) throw new Error("another size");
  if (!marks.every((array) => array.every((value) => value === MARK))) throw new Error("written beyond its room");
  let off = 0, largest = 1e-30;
  for (let i = 0; i < count; i++) {
    off = Math.max(off, Math.abs(found.data[i] - wanted.data[i])); // NaN if one of them is NaN
    largest = Math.max(largest, Math.abs(wanted.data[i]));
  }
  return off / largest;
}

// Of Park and Miller: the same numbers everywhere.
function randomNumbers(seed) {
  let state = seed + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Return whether the fast product is WebAssembly's. */
export function uses_webassembly() {
  return String(fastProductRows(new Memory())).includes("[native code]");
}
