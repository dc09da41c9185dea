// The seven stages one below the other. Only those that can be seen are drawn: the others wait until they are scrolled to.
import { chosenWords } from "./chosen_words.js";
import { CandidatesStage } from "./stage_candidates.js";
import { CellsStage } from "./stage_cells.js";
import { stageFrame } from "./stage_frame.js";
import { InputStage } from "./stage_input.js";
import { MapsStage } from "./stage_maps.js";
import { NmsStage } from "./stage_nms.js";
import { OutputStage } from "./stage_output.js";
import { ShownStage } from "./stage_shown.js";
import { node } from "./svg.js";

const STAGES = [
  ["input", InputStage], ["maps", MapsStage], ["cells", CellsStage], ["output", OutputStage],
  ["candidates", CandidatesStage], ["nms", NmsStage], ["shown", ShownStage],
];
const MARGIN = "300px"; // above and below the window: what is nearer is drawn already

export class StageList {
  /** lessonLink: see stageFrame; change(patch): of the choice; onSeen(): other stages can be seen now. */
  constructor(parent, lessonLink, change, onSeen) {
    const list = node("div", { class: "ex-stages" }, parent);
    this.parts = STAGES.map(([id, Stage]) => {
      const frame = stageFrame(list, id, lessonLink);
      return { id, frame, stage: new Stage(frame, change), stale: false, visible: false };
    });
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.parts.find(({ frame }) => frame.section === target).visible = isIntersecting;
      }
      onSeen();
    }, { rootMargin: MARGIN });
    for (const { frame } of this.parts) observer.observe(frame.section);
  }

  /** Return the parts up to that of stage `id`: { id, frame, stage } and whether it is stale and visible. */
  until(id) {
    return this.parts.slice(0, 1 + this.parts.findIndex((part) => part.id === id));
  }

  /** Mark all as stale, that is, to be drawn again when they are seen. */
  forget() {
    for (const part of this.parts) part.stale = true;
  }

  /** Draw what is stale of these parts and of those that are seen; view: see Explainer.draw. */
  draw(view, wanted) {
    const { model, stages, threshold, chosen } = view;
    for (const part of this.parts.filter((own) => own.stale && (own.visible || wanted.includes(own)))) {
      part.stale = false;
      part.frame.now.textContent = chosenWords(model, stages, threshold, chosen);
      part.stage.draw(view);
    }
  }
}
