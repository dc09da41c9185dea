// The page: what is given, computed, shown and saved, and how these are linked.

import { overThreshold, sentenceOf } from "./detections.js";
import { FoundList } from "./found_list.js";
import { listenForFiles } from "./inputs.js";
import { Messages } from "./messages.js";
import { OneLabel } from "./one_label.js";
import { Photographs } from "./photographs.js";
import { Picture } from "./picture.js";
import { counted, printable } from "./printable.js";
import { Saving } from "./saving.js";
import { Strip } from "./strip.js";
import { ThresholdControl } from "./threshold_control.js";

/**
 * page: the document of page.html; model: the description; computer: a Computer. explainer: an Explainer, set later,
 * because it calls pointAtIndex. A detection keeps its place in the list of all over 0.01: its number in the explainer.
 */
export class App {
  constructor(page, model, computer) {
    this.at = (id) => page.getElementById(id);
    this.explainer = null;
    this.isTelling = false;
    this.hovered = this.pinned = null;
    this.stages = null; // of the chosen photograph, and of no other
    this.pictured = null; // the photograph that the picture shows; another may be chosen while the network is busy
    const point = (found, isClick) => this.point(found, isClick);
    this.messages = new Messages(this.at);
    this.photographs = new Photographs(computer, this);
    this.strip = new Strip(this.at("strip"), (photo) => this.photographs.choose(photo));
    this.picture = new Picture(this.at("picture"), point);
    this.list = new FoundList(this.at("found"), point);
    this.threshold = new ThresholdControl(this.at("threshold"), model, () => this.thresholdChanged());
    this.oneLabel = new OneLabel(this.at("one-label"), model, () => this.optionsChanged());
    const say = (text) => this.messages.say(text);
    this.saving = new Saving(this.at("saving"), this.photographs, () => this.threshold.value, model.class_names, say);
    listenForFiles(page, (files) => this.photographs.add(files));
    this.at("remove").addEventListener("click", () => this.photographs.clear());
    page.addEventListener("keydown", (event) => event.key === "Escape" && this.point(null, true));
    this.changed();
  }

  // ---- what the photographs tell ----

  failed(sentence) {
    this.messages.failed(sentence);
  }

  changed() {
    if (!this.saving) return; // while the page is made
    const { list, chosen } = this.photographs;
    this.strip.show(list, chosen, this.threshold.value);
    this.at("result").hidden = !chosen;
    this.at("hint").hidden = list.length > 0;
    this.at("remove").hidden = !list.length;
    this.at("inputs").classList.toggle("empty", !list.length);
    if (this.stages && this.stages.photo !== chosen) this.forget();
    if (chosen !== this.pictured) this.preview(chosen);
    if (!chosen) this.at("progress").hidden = true;
    this.saving.update();
    this.at("status").textContent = this.statusText(chosen);
  }

  opened(photo, view) {
    this.forget();
    this.pictured = photo;
    this.picture.open(view, photo.width, photo.height);
    this.redraw();
  }

  /** Show what is known of a photograph that is yet to be opened, or nothing, rather than the one before it. */
  preview(photo) {
    if (photo?.thumbnail) this.opened(photo, photo.thumbnail);
    else {
      this.pictured = photo;
      this.picture.close();
      this.redraw();
    }
  }

  progressed(photo, done, of, name) {
    this.messages.progressed(photo, done, of, name);
  }

  computed(photo, stages, view) {
    photo.detections = stages.detections; // those of the stages, so that a detection is the same in both
    this.stages = { photo };
    this.redraw();
    for (const id of ["explainer", "down"]) this.at(id).hidden = !this.explainer;
    this.tell((explainer) => explainer.show(stages, view, this.threshold.value));
  }

  // ---- what the user does ----

  thresholdChanged() {
    if (!this.saving || this.optionsChanged()) return;
    this.changed();
    this.redraw();
    this.tell((explainer) => explainer.setThreshold(this.threshold.value));
  }

  /** Detect anew if detection has other options now, and return whether it has. */
  optionsChanged() {
    const options = this.oneLabel.options(this.threshold.value);
    if (JSON.stringify(options) === JSON.stringify(this.photographs.options)) return false;
    this.photographs.setOptions(options);
    this.redraw();
    return true;
  }

  /** Point at a detection, or at none; a click keeps it until the next click. */
  point(found, isClick) {
    const before = this.pointed;
    if (isClick) this.pinned = found === this.pinned ? null : found;
    this.hovered = isClick ? null : found;
    if (this.pointed === before) return;
    this.redraw();
    this.tell((explainer) => explainer.pointAt(this.indexOf(this.pointed)));
  }

  /** Point at the detection of a number, as the explainer does. */
  pointAtIndex(index) {
    if (this.isTelling) return; // it repeats what it was told
    this.hovered = null;
    this.pinned = index === null ? null : this.photographs.chosen?.detections?.[index] ?? null;
    this.redraw();
  }

  // ---- what is shown ----

  get pointed() {
    return this.hovered || this.pinned;
  }

  indexOf(found) {
    const index = this.photographs.chosen?.detections?.indexOf(found) ?? -1;
    return index < 0 ? null : index;
  }

  redraw() {
    const photo = this.photographs.chosen, found = photo?.detections || [];
    const shown = overThreshold(found, this.threshold.value), pointed = shown.includes(this.pointed) ? this.pointed : null;
    this.picture.draw(shown, pointed, photo?.detections ? sentenceOf(photo, this.threshold.value) : "");
    this.list.show(shown, pointed);
  }

  statusText(photo) {
    if (!photo) return "";
    if (!photo.detections) return `${printable(photo.name)} is being computed.`;
    const { waiting, list } = this.photographs;
    const others = waiting ? ` ${counted(waiting, "photograph")} of ${list.length} still to compute.` : "";
    return sentenceOf(photo, this.threshold.value) + others;
  }

  /** Tell the explainer something about the photograph that it has. */
  tell(act) {
    if (!this.stages || !this.explainer) return;
    this.isTelling = true;
    act(this.explainer);
    this.isTelling = false;
  }

  forget() {
    this.stages = this.hovered = this.pinned = null;
    for (const id of ["explainer", "down"]) this.at(id).hidden = true;
  }
}
