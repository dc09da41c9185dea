// What an SSD does that a test cannot see from outside.

import { SSD } from "../../numpyssd/browser/js/network/ssd.js";

/** Return [name, done, of] of each call of onLayer. */
export function told_by(ssd) {
  const told = [];
  ssd.forward(ssd.input(), (...layer) => told.push(layer));
  return told;
}

/** Return what forward returns for x where there is no WebAssembly, or where the page's policy forbids it. */
export function without_webassembly(model, bytes, x, how) {
  const { WebAssembly } = globalThis;
  try {
    globalThis.WebAssembly = how === "missing" ? undefined : { ...WebAssembly, Memory: WebAssembly.Memory, Module: refused };
    return new SSD(model, bytes).forward(x);
  } finally {
    globalThis.WebAssembly = WebAssembly;
  }
}

function refused() {
  throw new Error("Refused to compile a WebAssembly module");
}
