// Which pieces of the picture are covered, with what, and what is said of the scores without them.
// The method is that of Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2014), section 4.2.

const PIECES = 7; // a side
const AROUND = 3; // sides of the box: what lies around an object has a say too
const LEAST_PIECE = 3; // pixels of the input: smaller pieces change next to nothing

/** The area [x1, y1, x2, y2] that is cut into pieces: three times the box, and no more than the picture; fractions of it. */
export function coverArea([x1, y1, x2, y2], side) {
  const span = (low, high) => {
    const half = Math.max((AROUND * (high - low)) / 2, (PIECES * LEAST_PIECE) / side / 2), middle = (low + high) / 2;
    const length = Math.min(1, 2 * half), start = Math.max(0, Math.min(1 - length, middle - half));
    return [start, start + length];
  };
  const [left, right] = span(x1, x2), [top, bottom] = span(y1, y2);
  return [left, top, right, bottom];
}

/** The pieces of an area, row by row, whose edges lie between pixels of the input: [x1, y1, x2, y2] in fractions. */
export function coverPieces([left, top, right, bottom], side, count = PIECES) {
  const edge = (low, high, i) => Math.round((low + ((high - low) * i) / count) * side) / side;
  return Array.from({ length: count * count }, (_, i) => {
    const [row, column] = [Math.floor(i / count), i % count];
    return [edge(left, right, column), edge(top, bottom, row), edge(left, right, column + 1), edge(top, bottom, row + 1)];
  });
}

/**
 * The network's input (side * side * 3), RGB from 0 to 255, with one piece covered, or with all that lies outside of it;
 * null: as it is. What is covered gets the mean color, which is subtracted, so that the network sees zeros there.
 */
export function coveredInput(input, side, mean, piece, isOutside = false) {
  const covered = input.slice();
  if (!piece) return covered;
  const [x1, y1, x2, y2] = piece.map((value) => Math.round(value * side));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isInside = x >= x1 && x < x2 && y >= y1 && y < y2;
      if (isInside === isOutside) continue;
      for (let i = 0; i < 3; i++) covered[3 * (y * side + x) + i] = Math.round(mean[i]);
    }
  }
  return covered;
}

/**
 * What is said about the scores without each piece; scores: of the pieces; whole: of the picture as it is; other: what
 * the default box says without the piece that matters most, if that is another class, else null.
 */
export function coverWords(name, scores, whole, other = null) {
  const least = Math.min(...scores), most = Math.max(...scores), count = scores.filter((score) => score < whole / 2).length;
  const fall = `Without the piece that is framed, the score of ${name} is ${least.toFixed(2)} instead of ${whole.toFixed(2)}` +
    (other ? `, and the same default box says ${other}` : "");
  const many = count > 1 ? `; ${count} pieces of ${scores.length} halve it, each alone` : "";
  const none = `No piece alone matters much: the lowest score of ${name} without one is ${least.toFixed(2)} ` +
    `instead of ${whole.toFixed(2)}`;
  const rise = most > whole + 0.1 ? ` Without the piece in red it would be ${most.toFixed(2)}.` : "";
  return `${least < 0.8 * whole ? fall : none}${many}.${rise}`;
}

/** What is said of all that lies around the pieces; score: without it. */
export function aroundWords(score, whole) {
  return `With everything around these pieces covered at once, it is ${score.toFixed(2)}` +
    `${Math.abs(score - whole) < 0.05 ? ": what is far away hardly matters" : ""}.`;
}
