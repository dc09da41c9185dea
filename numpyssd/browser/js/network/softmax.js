// Softmax: logits become probabilities.

/** Turn logits (K * classes) into probabilities, a new Float32Array of the same size; each row adds up to 1. */
export function softmax(logits, classes) {
  const probabilities = new Float32Array(logits.length), powers = new Float64Array(classes);
  for (let row = 0; row < logits.length; row += classes) {
    let largest = -Infinity, sum = 0;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[row + c]); // NaN if one of them is NaN
    for (let c = 0; c < classes; c++) sum += powers[c] = Math.exp(logits[row + c] - largest); // exp cannot overflow
    for (let c = 0; c < classes; c++) probabilities[row + c] = powers[c] / sum;
  }
  return probabilities;
}
