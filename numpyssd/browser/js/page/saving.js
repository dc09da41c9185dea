// The controls that save results as files.

import { element } from "./element.js";
import { counted } from "./printable.js";
import { RESULT_FORMATS, resultFile } from "./results.js";

/** photographs: Photographs; thresholds(): what is set now; onSentence(text): for what a user has to know. */
export class Saving {
  constructor(root, photographs, thresholds, classNames, onSentence) {
    this.photographs = photographs;
    this.thresholds = thresholds;
    this.classNames = classNames;
    this.onSentence = onSentence;
    this.format = root.querySelector("select");
    for (const kind in RESULT_FORMATS) element("option", { value: kind }, this.format, RESULT_FORMATS[kind]);
    this.one = root.querySelector(".one");
    this.all = root.querySelector(".all");
    this.one.addEventListener("click", () => this.save([this.photographs.chosen]));
    this.all.addEventListener("click", () => this.save([...this.photographs.list]));
    this.isBusy = false;
  }

  /** Show which of the two can be saved now. */
  update() {
    const { list, chosen, waiting } = this.photographs;
    this.one.disabled = this.isBusy || !chosen?.detections;
    this.all.hidden = list.length < 2;
    this.all.disabled = this.isBusy || waiting > 0;
    this.all.textContent = waiting ? `Save all (${waiting} of ${list.length} wait)` : `Save all ${list.length}`;
  }

  async save(photos) {
    this.isBusy = true;
    this.update();
    try {
      const told = (done, of) => photos.length > 1 && this.onSentence(`${done} of ${counted(of, "image")} drawn`);
      const file = await resultFile(this.format.value, photos, this.thresholds(), this.classNames, told);
      download(file);
      this.onSentence(`Saved the results of ${counted(photos.length, "photograph")} as ${file.name}.`);
    } catch (error) {
      this.onSentence(`The results could not be saved: ${error.message}`);
    }
    this.isBusy = false;
    this.update();
  }
}

function download({ name, blob }) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name }, document.body);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000); // the browser reads it a little later
}
