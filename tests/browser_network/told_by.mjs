// What an SSD tells about its layers while it computes.

/** Return [name, done, of] of each call of onLayer. */
export function told_by(ssd) {
  const told = [];
  ssd.forward(ssd.input(), (...layer) => told.push(layer));
  return told;
}
