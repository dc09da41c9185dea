// A small assembler for WebAssembly: each instruction is a list of bytes, and a function is a list of instructions.
// The bytes are those of the specification's index of instructions and of its binary format.

const leb = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]); // LEB128
const signedLeb = (value) =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signedLeb(value >> 7)];
const vectorOperation = (code) => [0xfd, ...leb(code)];

export const WASM = {
  // Whole numbers of 32 bits, which are addresses too.
  number: (value) => [0x41, ...signedLeb(value)],
  get: (local) => [0x20, ...leb(local)],
  set: (local) => [0x21, ...leb(local)],
  add: [0x6a],
  multiply: [0x6c],
  less: [0x48],
  load: (offset) => [0x28, 2, ...leb(offset)],
  // What stands between loop and end is done again if `again` finds a number that is not 0.
  loop: [0x03, 0x40],
  again: [0x0d, 0],
  end: [0x0b],
  // Vectors of four float32.
  load4: (offset) => [...vectorOperation(0x00), 2, ...leb(offset)],
  loadToAll: (offset) => [...vectorOperation(0x09), 2, ...leb(offset)], // one number, four times
  store4: (offset) => [...vectorOperation(0x0b), 2, ...leb(offset)],
  toAll: vectorOperation(0x13),
  add4: vectorOperation(0xe4),
  multiply4: vectorOperation(0xe6),
  max4: vectorOperation(0xe9),
};

// Types.
export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

/**
 * Return the bytes of a module that exports one function, `run`, and imports its memory as `env.memory`.
 * parameters: a type each; locals: [count, type] of those that follow the parameters; body: instructions, in lists of
 * lists.
 */
export function wasmModule(parameters, locals, body) {
  const list = (items) => [...leb(items.length), ...items.flat()];
  const sized = (bytes) => [...leb(bytes.length), ...bytes];
  const section = (number, items) => [number, ...sized(list(items))];
  const name = (text) => list([...text].map((letter) => [letter.charCodeAt(0)]));
  const code = [...list(locals.map(([count, type]) => [...leb(count), type])), ...body.flat(Infinity), ...WASM.end];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, [[0x60, ...list(parameters), 0]]), // the type of a function that returns nothing
    ...section(2, [[...name("env"), ...name("memory"), 2, 0, 1]]), // at least one page of memory
    ...section(3, [[0]]), // the function is of type 0
    ...section(7, [[...name("run"), 0, 0]]), // and is exported
    ...section(10, [sized(code)]),
  ]);
}
