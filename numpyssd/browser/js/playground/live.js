// Detection at every stroke: one image is computed at a time, and of those that come meanwhile only the last.
import { pixelsOf } from "../page/read_image.js";

/** Runs a Computer for a canvas; onResult({ stages, seconds, canvas }), onError(error). */
export class LiveDetection {
  constructor(computer, onResult, onError) {
    [this.computer, this.onResult, this.onError] = [computer, onResult, onError];
    this.isBusy = false;
    this.waiting = null;
  }

  /** Detect in a canvas as it is now; drops what waits from earlier. */
  async detect(canvas) {
    this.waiting = canvas;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.waiting) {
      const copy = copyOf(this.waiting);
      this.waiting = null;
      try {
        const { stages, seconds } = await this.computer.detect(pixelsOf(copy), true, () => {});
        this.onResult({ stages, seconds, canvas: copy });
      } catch (error) {
        this.onError(error);
      }
    }
    this.isBusy = false;
  }
}

// The explainer shows the picture that was computed, while the user draws on.
function copyOf(canvas) {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext("2d").drawImage(canvas, 0, 0);
  return copy;
}
