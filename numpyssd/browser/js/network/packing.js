// Weights as packing.py packs them: tensors one after the other in one buffer, which is base64 in the page.

import { float16ToFloat32 } from "./float16.js";

const STORED_AS = { float32: Float32Array, float16: Uint16Array, int8: Int8Array };

/** Return the ArrayBuffer that a base64 text stands for. */
export function decodeBase64(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes.buffer;
}

/**
 * Return a tensor of the model as {shape, data: Float32Array}, the last dimension changing fastest.
 * entry: {shape, offset, storage, scale_offset}: "float16" and "int8" are multiplied by a scale for each channel, the
 * last dimension. buffer: the ArrayBuffer of packed weights. Throws if the buffer is cut short or a number not finite.
 */
export function unpackTensor(name, entry, buffer) {
  const { shape, offset, storage } = entry, count = shape.reduce((product, side) => product * side, 1);
  const channels = shape[shape.length - 1], Kind = STORED_AS[storage];
  if (!Kind) throw new Error(`The weights ${name} are stored as ${storage}, which this page cannot read.`);
  const ends = [offset + count * Kind.BYTES_PER_ELEMENT, (entry.scale_offset ?? 0) + 4 * channels];
  if (Math.max(...ends) > buffer.byteLength) {
    throw new Error(`The weights end before ${name}: the file is cut short; copy it again.`);
  }
  const stored = new Kind(buffer, offset, count);
  const data = storage === "float16" ? float16ToFloat32(stored) : new Float32Array(stored);
  if (storage !== "float32") {
    const scale = new Float32Array(buffer, entry.scale_offset, channels);
    for (let i = 0; i < count; i += channels) {
      for (let c = 0; c < channels; c++) data[i + c] *= scale[c];
    }
  }
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(data[i])) {
      throw new Error(`The weights ${name} hold numbers that are not finite; take an earlier checkpoint.`);
    }
  }
  return { shape, data };
}
