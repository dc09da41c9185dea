// A function that remembers.

/** The same function, which keeps what it returned for the last few names. */
export function keepLast(make, most) {
  const kept = new Map();
  return (name) => {
    if (!kept.has(name)) {
      if (kept.size >= most) kept.delete(kept.keys().next().value);
      kept.set(name, make(name));
    }
    return kept.get(name);
  };
}
