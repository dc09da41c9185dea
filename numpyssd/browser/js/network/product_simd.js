// The block of the matrix product in WebAssembly, four numbers at a time. matrix_product.js has the same in plain loops
// and says what it computes.

import { F32, I32, V128, WASM, wasmModule } from "./wasm.js";

/** Return productRows for a WebAssembly.Memory, or null where WebAssembly or its SIMD is missing or forbidden. */
export function simdProductRows(memory) {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(productModule()), { env: { memory } }).exports.run;
  } catch {
    return null;
  }
}

// Return the bytes of a module whose function is productRows. The block of sums that stays in registers is 4 rows high
// and two vectors, 8 columns, wide; larger ones, and more than one number of a row in a turn of the inner loop, ran out
// of registers and were slower.
function productModule() {
  const { number, get, set, add, multiply, less, load, loop, again, end } = WASM;
  const { load4, loadToAll, store4, toAll, add4, multiply4, max4 } = WASM;
  // The parameters and then the locals, by number. Addresses and strides are in bytes.
  const [a, panel, bias, out, taps, tapsEnd, depth, aStride, outStride, height, floor] = Array(11).keys();
  const row = 11, tap = 12, left = 13, weight = 14, addresses = [15, 16, 17, 18]; // whole numbers
  const weights = [19, 20], value = 21, sums = [[22, 23], [24, 25], [26, 27], [28, 29]]; // vectors
  const rows = [0, 1, 2, 3], halves = [0, 1];

  const advance = (local, by) => [get(local), number(by), add, set(local)];
  const below = (r, stride) => [get(addresses[r - 1]), get(stride), add, set(addresses[r])];
  const addressesFrom = (stride) => [1, 2, 3].map((r) => below(r, stride));
  const gather = (sum, half) => [get(sum), get(value), get(weights[half]), multiply4, add4, set(sum)];
  const overDepth = [
    loop,
    halves.map((half) => [get(weight), load4(16 * half), set(weights[half])]),
    rows.map((r) => [get(addresses[r]), loadToAll(0), set(value), halves.map((half) => gather(sums[r][half], half))]),
    [advance(weight, 32), addresses.map((address) => advance(address, 4)), advance(left, -1)],
    [get(left), again],
    end,
  ];
  const overTaps = [
    loop,
    [get(a), get(row), get(aStride), multiply, add, get(tap), load(0), add, set(addresses[0]), addressesFrom(aStride)],
    [get(depth), set(left), overDepth],
    [advance(tap, 4), get(tap), get(tapsEnd), less, again],
    end,
  ];
  const begin = (r, half) => [get(bias), load4(16 * half), set(sums[r][half])];
  const finish = (r, half) => [get(addresses[r]), get(sums[r][half]), get(floor), toAll, max4, store4(16 * half)];
  const overRows = [
    loop,
    rows.map((r) => halves.map((half) => begin(r, half))),
    [get(panel), set(weight), get(taps), set(tap), overTaps],
    [get(out), get(row), get(outStride), multiply, add, set(addresses[0]), addressesFrom(outStride)],
    rows.map((r) => halves.map((half) => finish(r, half))),
    [advance(row, 4), get(row), get(height), less, again],
    end,
  ];
  return wasmModule([...Array(10).fill(I32), F32], [[8, I32], [11, V128]], overRows);
}
