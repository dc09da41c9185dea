// Numbers in sentences: signs, and enough digits where two numbers are compared.

/** Numbers for reading: a sign, and a minus sign as wide as the plus. */
export function withSign(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return (value < 0 && Number(text) !== 0 ? "−" : "+") + text;
}

/** The same without a plus, and without the sign of what is rounded to zero. */
export function plainNumber(value, digits) {
  return withSign(value, digits).replace("+", "");
}

const MOST_DIGITS = 6;

/** A number with as many digits, two at least, as it takes to tell it from a limit: 0.4512 of 0.45 is "0.451". */
export function toldFrom(value, limit) {
  let digits = 2;
  while (digits < MOST_DIGITS && Number(value.toFixed(digits)) === Number(limit.toFixed(digits))) digits += 1;
  return value.toFixed(digits);
}

/** A positive number to five digits: 21.584, or 3.2690e+6 where it is large. */
export function fiveDigits(value) {
  return value >= 1e-3 && value < 1e5 ? value.toPrecision(5) : value.toExponential(4);
}
