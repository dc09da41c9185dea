// One block of memory for the weights and all maps of a network, because WebAssembly reaches only its own.

const PAGE = 65536; // bytes, of WebAssembly

/** Memory that is handed out piece by piece and never taken back: its size stays the same from image to image. */
export class Memory {
  constructor() {
    this.shared = typeof WebAssembly === "object" ? new WebAssembly.Memory({ initial: 1 }) : null;
    this.plain = this.shared ? null : new ArrayBuffer(PAGE);
    this.used = 0;
  }

  get buffer() {
    return this.shared ? this.shared.buffer : this.plain;
  }

  /**
   * Reserve a place for so many float32 and return its address, a multiple of 16 bytes. What lies there is 0.
   * Arrays that were made before may be lost: make them by `floats` when all is reserved.
   */
  reserve(count) {
    const address = this.used;
    this.used += 16 * Math.ceil(count / 4);
    const lacking = this.used - this.buffer.byteLength;
    if (lacking > 0 && this.shared) this.shared.grow(Math.ceil(lacking / PAGE));
    if (lacking > 0 && !this.shared) {
      const larger = new Uint8Array(2 * this.used);
      larger.set(new Uint8Array(this.plain));
      this.plain = larger.buffer;
    }
    return address;
  }

  /** Return the array of `count` float32 at an address. */
  floats(address, count) {
    return new Float32Array(this.buffer, address, count);
  }
}
