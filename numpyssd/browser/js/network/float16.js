// Half precision: 1 sign bit, 5 bits of exponent, 10 of fraction (IEEE 754 binary16).

// Return the number that 16 bits stand for, with infinities, NaN and the small numbers without a leading one.
export function fromFloat16(bits) {
  const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/** Return the numbers of a Uint16Array of halves, a new Float32Array. */
export function float16ToFloat32(halves) {
  const table = Float32Array.from({ length: 65536 }, (_, bits) => fromFloat16(bits)); // faster than bit by bit
  return Float32Array.from(halves, (bits) => table[bits]);
}
