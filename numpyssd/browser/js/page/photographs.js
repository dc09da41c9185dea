// The photographs that were given, and the order in which they are computed: the chosen one first.
// A photo is {file, name, stem (of the files of its results), thumbnail, width, height, seconds, detections}; names and
// stems differ; what is not known yet is null.

import { UnreadableImage, pixelsOf, readImage, scaledDown } from "./read_image.js";
import { printable } from "./printable.js";
import { stemOf, uniqueName } from "./results.js";

const VIEW_SIDE = 2000, THUMBNAIL_SIDE = 192; // pixels: the longer sides of what is shown

/**
 * listener: {changed() after any change of the list, opened(photo, view) with a canvas, computed(photo, stages, view),
 * progressed(photo, done, of, name), failed(sentence)}. Of all photographs but the chosen one no image is kept.
 */
export class Photographs {
  constructor(computer, listener) {
    this.computer = computer;
    this.listener = listener;
    this.list = [];
    this.options = {}; // of detection
    this.chosen = null;
    this.explained = null; // the photo whose stages the listener has
    this.isWorking = false;
  }

  /** Add Files; the first of them is chosen. */
  add(files) {
    const added = [];
    for (const file of files) {
      const name = uniqueName(file.name || "image.png", this.list.map((photo) => photo.name));
      const stem = uniqueName(stemOf(name), this.list.map((photo) => photo.stem));
      const photo = { file, name, stem, thumbnail: null, width: null, height: null, seconds: null, detections: null };
      this.list.push(photo);
      added.push(photo);
    }
    if (added.length) this.choose(added[0]);
  }

  choose(photo) {
    this.chosen = photo;
    this.explained = null;
    this.listener.changed();
    this.work();
  }

  clear() {
    this.list = [];
    this.chosen = null;
    this.explained = null;
    this.listener.changed();
  }

  /** Detect anew in all photographs, with other options. */
  setOptions(options) {
    this.options = options;
    this.explained = null;
    for (const photo of this.list) photo.detections = null;
    this.listener.changed();
    this.work();
  }

  /** Return how many photographs wait to be computed. */
  get waiting() {
    return this.list.filter((photo) => !photo.detections).length;
  }

  async work() {
    if (this.isWorking) return;
    this.isWorking = true;
    for (let photo = this.next(); photo; photo = this.next()) await this.compute(photo);
    this.isWorking = false;
    this.listener.changed();
  }

  next() {
    if (this.chosen && this.chosen !== this.explained) return this.chosen;
    return this.list.find((photo) => !photo.detections);
  }

  async compute(photo) {
    try {
      const { options } = this, image = await readImage(photo.file), isChosen = photo === this.chosen;
      const view = isChosen ? scaledDown(image, VIEW_SIDE) : null;
      photo.width = image.width;
      photo.height = image.height;
      photo.thumbnail ??= scaledDown(image, THUMBNAIL_SIDE);
      if (view) this.listener.opened(photo, view);
      const pixels = pixelsOf(image);
      image.width = image.height = 0; // frees its memory at once
      const progressed = (done, of, name) => this.listener.progressed(photo, done, of, name);
      const { seconds, detections, stages } = await this.computer.detect(pixels, isChosen, progressed, options);
      if (options !== this.options) return; // it was changed meanwhile: the photograph waits again
      Object.assign(photo, { seconds, detections });
      if (isChosen && photo === this.chosen) {
        this.explained = photo;
        this.listener.computed(photo, stages, view);
      }
      this.listener.changed();
    } catch (error) {
      this.drop(photo, error);
    }
  }

  /** Take a photograph out that cannot be used, and say why. */
  drop(photo, error) {
    const at = this.list.indexOf(photo);
    if (at < 0) return; // its user has removed it meanwhile
    const isSentence = error instanceof UnreadableImage;
    this.listener.failed(isSentence ? error.message : `${printable(photo.name)} could not be computed: ${error.message}`);
    this.list.splice(at, 1);
    if (photo !== this.chosen) {
      this.listener.changed();
      return;
    }
    this.chosen = this.list[at] || this.list[at - 1] || null;
    this.explained = null;
    this.listener.changed();
  }
}
