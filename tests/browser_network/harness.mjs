// Call functions of numpyssd/browser/js by orders on standard input, one line of JSON each; one line answers each.
// An order: {module, name, args, keep} calls a function, or makes an object of a class; {on, name, args} calls a method
// of what an earlier order kept, and {on, fields} reads a field. Arrays and buffers go as {kind, base64}; {kept} stands
// for what was kept.
import readline from "node:readline";

const KINDS = { Float32Array, Uint8Array, Uint16Array };
const kept = {};

function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  if ("kept" in value) return kept[value.kept];
  if ("base64" in value) {
    const buffer = new Uint8Array(Buffer.from(value.base64, "base64")).buffer;
    return value.kind === "ArrayBuffer" ? buffer : new KINDS[value.kind](buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part)]));
}

function encode(value) {
  if (Array.isArray(value)) return value.map(encode);
  if (value === null || typeof value !== "object") return value;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { kind: value.constructor.name, base64: bytes.toString("base64") };
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, encode(part)]));
}

async function answer({ module, on, name, args, keep, fields }) {
  if (fields) return { result: fields.reduce((value, field) => value[field], kept[on]) };
  const given = decode(args);
  let result;
  if (on) result = await kept[on][name](...given);
  else {
    const called = (await import(module))[name];
    result = /^class/.test(called) ? new called(...given) : await called(...given);
  }
  if (!keep) return { result: encode(result) };
  kept[keep] = result;
  return {};
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const found = await answer(JSON.parse(line)).catch((error) => ({ error: String(error.message) }));
  console.log(JSON.stringify(found));
}
