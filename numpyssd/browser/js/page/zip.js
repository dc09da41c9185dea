// Several files in one: a ZIP whose entries are stored as they are, not compressed (PKWARE's APPNOTE, 4.3).

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const UTF8_NAMES = 0x0800, FIRST_OF_1980 = 0x21; // a flag; the date that DOS counts from

/** Return a Blob of a ZIP; files: [{name, content: Uint8Array}]. Throws Error for two names that are one file. */
export function zipOf(files) {
  const parts = [], directory = [], taken = new Set();
  let offset = 0;
  for (const { name, content } of files) {
    const own = zipName(name), path = new TextEncoder().encode(own);
    if (taken.has(own.toLowerCase())) throw new Error(`two files would have the name ${own}; give that photograph another name`);
    taken.add(own.toLowerCase());
    const sizes = [crc32(content), content.length, content.length, path.length];
    const local = record(0x04034b50, [[2, 20], [2, UTF8_NAMES], [2, 0], [2, 0], [2, FIRST_OF_1980]], sizes, [[2, 0]]);
    directory.push(
      record(0x02014b50, [[2, 20], [2, 20], [2, UTF8_NAMES], [2, 0], [2, 0], [2, FIRST_OF_1980]], sizes,
        [[2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]),
      path,
    );
    parts.push(local, path, content);
    offset += local.length + path.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = fields([
    [4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0],
  ]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Return the checksum of bytes that ZIP and PNG use. */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) value = CRC_TABLE[(value ^ bytes[i]) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Return a name that stays in its folder: no slashes, no control characters. */
function zipName(name) {
  return name.replace(/[\x00-\x1f\x7f/\\]/g, "_");
}

function record(signature, start, [crc, packed, size, nameLength], end) {
  return fields([[4, signature], ...start, [4, crc], [4, packed], [4, size], [2, nameLength], ...end]);
}

/** Return numbers as bytes, the lowest first; each is [how many bytes, number]. */
function fields(numbers) {
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0)), view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, number] of numbers) {
    if (size === 2) view.setUint16(at, number, true);
    else view.setUint32(at, number, true);
    at += size;
  }
  return bytes;
}
