// What a file is that is no image to read here, by its first bytes, and what its owner can do: as images/kinds.py says.

const UNKNOWN = "is not an image of a known kind; convert it to JPEG or PNG";
const HEIC = "is a HEIC photograph, which is not read; convert it to JPEG (an iPhone set to 'Most Compatible' takes JPEGs)";
const VIDEO = "is a video, not an image";
const DOCUMENT = "is a document of pages, not an image; save the page as PNG";
const LINE_DRAWING = "is a drawing of lines, not of pixels; save it as PNG";
const ARCHIVE = "is a ZIP archive, not an image; unpack it";
const NO_BROWSER = "which browsers do not show; convert it to JPEG or PNG";
const RAW = "is the raw data of a camera; develop it, or take the JPEG beside it";
// [how many bytes from the start, the letters there, the sentence]
const KINDS = [
  ...["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].map((brand) => [8, brand, HEIC]),
  [0, "8BPS", "is a Photoshop file, whose layers are not put together here; save it as JPEG or PNG"],
  [0, "\xff\x0a", `is a JPEG XL, ${NO_BROWSER}`], [0, "\0\0\0\x0cJXL ", `is a JPEG XL, ${NO_BROWSER}`],
  [0, "\0\0\0\x0cjP  ", `is a JPEG 2000, ${NO_BROWSER}`], [0, "\xff\x4f\xff\x51", `is a JPEG 2000, ${NO_BROWSER}`],
  [8, "crx ", RAW], [0, "FUJIFILMCCD-RAW", RAW], ...["IIRO", "IIRS", "MMOR", "IIU\0"].map((start) => [0, start, RAW]),
  [0, "II*\0", `is a TIFF, ${NO_BROWSER}`], [0, "MM\0*", `is a TIFF, ${NO_BROWSER}`],
  [8, "AVI ", VIDEO], [0, "\x1a\x45\xdf\xa3", VIDEO], [0, "%PDF", DOCUMENT], [0, "%!PS", DOCUMENT],
  [0, "PK\x03\x04", ARCHIVE],
];
const READ_BY_BROWSERS = [
  [0, "\xff\xd8", "JPEG"], [0, "\x89PNG\r\n\x1a\n", "PNG"], [0, "GIF8", "GIF"], [8, "WEBP", "WebP"], [0, "BM", "BMP"],
  [8, "avif", "AVIF"], [8, "avis", "AVIF"], [0, "\0\0\x01\0", "ICO"],
];

/** Return the name of the image format that begins with these bytes (Uint8Array) and that browsers show, or null. */
export function imageKind(head) {
  const letters = lettersOf(head);
  const found = READ_BY_BROWSERS.find(([at, start]) => letters.startsWith(start, at));
  return found ? found[2] : null;
}

/** Return what a file is that is no image to read here, and what to do: "is a video, ...". */
export function kindSentence(head) {
  const letters = lettersOf(head), found = KINDS.find(([at, start]) => letters.startsWith(start, at));
  if (found) return found[2];
  if (letters.startsWith("ftyp", 4)) return VIDEO;
  const begin = letters.replace(/^(\xef\xbb\xbf)?\s*/, "").toLowerCase();
  if (/^(<!doctype html|<html)/.test(begin)) return "is a web page, not an image; fetch the image itself";
  if (begin.startsWith("<") && begin.includes("<svg")) return LINE_DRAWING;
  return UNKNOWN;
}

/** Return bytes as letters, one each. */
export function lettersOf(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
