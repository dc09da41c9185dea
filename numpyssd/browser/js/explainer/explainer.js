// The explainer: every stage from the pixels to the boxes, all linked by what is chosen.
import { afterChange, choiceFor, NOTHING_CHOSEN } from "./choice.js";
import { decodedBox, isShown } from "./fates.js";
import { keepLast } from "./keep_last.js";
import { LookPanel } from "./look.js";
import { oneOutput, sumLines } from "./one_output.js";
import { StageList } from "./stage_list.js";
import { node } from "./svg.js";
import { HOW_TO, SOURCES } from "./words.js";

export class Explainer {
  /**
   * root: the element to fill; model: the description; tensor: name -> { shape, data }; onPoint(index or null): called
   * when another detection is chosen here; lessonLink: name of a lesson -> its address, or null; detect: an image
   * { width, height, data } -> a promise of its stages, or null: then nothing can be tried with changed pictures.
   */
  constructor(root, model, tensor, onPoint = () => {}, lessonLink = () => null, detect = null) {
    [this.model, this.onPoint, this.detect, this.stages] = [model, onPoint, detect, null];
    this.tensor = keepLast(tensor, 2); // the weights and biases of one predictor: unpacking them takes time
    this.choice = NOTHING_CHOSEN;
    root.classList.add("explainer");
    root.replaceChildren();
    node("h2", {}, root, "How it was found");
    node("p", {}, root, HOW_TO);
    node("p", { class: "ex-hint" }, root, SOURCES);
    const contents = node("nav", { class: "ex-choice ex-contents", "aria-label": "steps" }, root);
    const columns = node("div", { class: "ex-columns" }, root), change = (patch) => this.choose(patch);
    const side = node("div", { class: "ex-look" }, columns);
    this.look = new LookPanel(side, change, (index) => this.hover(index), (id, patch) => this.goTo(id, patch));
    this.list = new StageList(columns, lessonLink, change, () => this.plan());
    for (const { id, frame } of this.list.parts) {
      const button = node("button", { type: "button" }, contents, frame.title.textContent);
      button.addEventListener("click", () => this.goTo(id));
    }
    this.planned = false;
  }

  /**
   * Go to a stage, or to "cover", where the picture is covered at once; patch: a change of the choice before.
   *
   * A stage grows when it is drawn: this one and all before it are drawn first, so that it stays where it is gone to.
   * The focus goes with it.
   */
  goTo(id, patch = null) {
    if (!this.stages) return;
    if (patch) this.choose(patch);
    const isCover = id === "cover", parts = this.list.until(isCover ? "output" : id), { frame, stage } = parts.at(-1);
    this.draw(parts);
    const target = isCover ? stage.cover.root : frame.section;
    (isCover ? stage.cover.button : frame.title).focus({ preventScroll: true });
    target.scrollIntoView();
    if (isCover) stage.cover.start();
  }

  /**
   * Explain the stages of an image (js/network/detect.js); picture: the photograph, a canvas or an ImageBitmap;
   * isChanged: whether it is the last picture, changed a little, so that the same thing stays chosen in it.
   */
  show(stages, picture, threshold, isChanged = false) {
    const before = isChanged ? this.choice : NOTHING_CHOSEN;
    const decoded = before.detection === null ? null : decodedBox(this.stages, before.number);
    [this.stages, this.picture, this.threshold] = [stages, picture, threshold];
    this.choice = choiceFor(this.model, stages, threshold, { ...before, decoded });
    this.redraw();
  }

  /** Another threshold: a number, or one for each label. */
  setThreshold(threshold) {
    this.threshold = threshold;
    if (!this.stages) return;
    const { detection, pinned, ask } = this.choice, { detections } = this.stages;
    if (ask) {
      this.change({ ask });
      return;
    }
    const isLost = detection === null ? !pinned : !isShown(detections[detection], threshold);
    const best = detections.findIndex((found) => isShown(found, threshold));
    if (isLost && best >= 0) this.change({ detection: best, pinned: false });
    else this.redraw();
  }

  /** Choose the detection that is pointed at elsewhere; null: nothing is pointed at, and the choice stays. */
  pointAt(index) {
    if (this.stages && index !== null && index !== this.choice.detection) this.change({ detection: index, ask: null });
  }

  // A pointer that passes by chooses only while nothing was chosen by a click. What is chosen already is not drawn again:
  // drawing puts new areas over the boxes, and a mouse that rests on one enters the new one, without end.
  hover(index) {
    const { detection, pinned, ask } = this.choice;
    if (pinned || ask !== null) return;
    if (index === detection) this.onPoint(index);
    else this.choose({ detection: index });
  }

  // What is chosen here is told to the page; what the page chooses is not told back.
  choose(patch) {
    if (!this.stages) return;
    const { detection } = this.choice;
    this.change(patch);
    if ("detection" in patch || this.choice.detection !== detection) this.onPoint(this.choice.detection);
  }

  change(patch) {
    this.choice = afterChange(this.model, this.stages, this.threshold, this.choice, patch);
    this.redraw();
  }

  redraw() {
    this.lookStale = true;
    this.list.forget();
    this.plan();
  }

  plan() {
    if (this.planned || !this.stages) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      this.draw();
    });
  }

  /**
   * Draw the picture beside the stages, these of their parts, and those that are seen. All get the same view: { model,
   * stages, picture, threshold }, as they were given; output: see oneOutput; chosen: a choice (choice.js) whose channel
   * is a number; detect: see above.
   */
  draw(wanted = []) {
    const { model, stages, picture, threshold, choice } = this;
    const { conf } = model.predictors[choice.place.map], head = { weight: this.tensor(conf.weight), bias: this.tensor(conf.bias) };
    const output = oneOutput(model, stages, head, choice.number, choice.label, choice.against);
    const channel = choice.channel ?? sumLines(output, 1).lines[0].channel;
    const view = { model, stages, picture, threshold, output, chosen: { ...choice, channel }, detect: this.detect };
    if (this.lookStale) this.look.draw(view);
    this.lookStale = false;
    this.list.draw(view, wanted);
  }
}
