// Half precision: 1 sign bit, 5 bits of exponent, 10 of fraction (IEEE 754 binary16).

const EXPONENT = 0x7c00; // all of its bits: an infinity, or NaN with a fraction
const REBIAS = 2 ** 112; // an exponent counts from -15 in half precision and from -127 in single

/** Return the numbers of a Uint16Array of halves, a new Float32Array. */
export function float16ToFloat32(halves) {
  const numbers = new Float32Array(halves.length), words = new Uint32Array(numbers.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    // The bits at their places in single precision are the number but for its exponent, also of one that has no
    // leading 1; the product of powers of two is exact.
    words[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    numbers[i] *= REBIAS;
    if ((half & EXPONENT) === EXPONENT) numbers[i] = half & 0x3ff ? NaN : half >> 15 ? -Infinity : Infinity;
  }
  return numbers;
}
