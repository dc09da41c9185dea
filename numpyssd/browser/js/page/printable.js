// Names of classes and files come from elsewhere, and some letters are orders: to end a line, to turn the reading around.
// Every text of a page passes here, and goes into the page as text, never as HTML.

const CONTROL = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const HALF_LETTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const NAME_LETTERS = 32; // letters of a name in a sentence

/** Return a name on one line, with \u001b for the control character 27, as JSON writes it (console.printable). */
export function printable(name) {
  const code = (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0");
  return String(name).replace(CONTROL, code).replace(HALF_LETTER, code);
}

/** Return a name for a sentence, printable, and without its end if it is long. */
export function shortened(name) {
  const letters = [...printable(name)];
  return letters.length > NAME_LETTERS ? `${letters.slice(0, NAME_LETTERS - 1).join("")}…` : letters.join("");
}

/** Return a text whose halves of letters, which UTF-8 does not have, are question marks. */
export function wholeLetters(text) {
  return text.replace(HALF_LETTER, "?");
}

/** Return "1 photograph" or "2 photographs"; word: the singular of one that takes an s. */
export function counted(number, word) {
  return number === 1 ? `1 ${word}` : `${number} ${word}s`;
}
