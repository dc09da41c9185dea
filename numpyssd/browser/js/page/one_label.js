// One label for each object: NMS across the classes, as `detect --one-label` does it.

/** The checkbox in an element; onChange() is called when it is used. With one class there is nothing to choose. */
export class OneLabel {
  constructor(root, model, onChange) {
    this.box = root.querySelector("input");
    this.box.addEventListener("change", onChange);
    root.hidden = model.class_names.length < 2;
  }

  /**
   * Return the options of detection with these thresholds, a number or one for each class. A default box stands for its
   * best class of those over their own thresholds, so that these take part before NMS, and one for all need not.
   */
  options(thresholds) {
    if (!this.box.checked) return {};
    return typeof thresholds === "number" ? { one_label: true } : { one_label: true, score_threshold: thresholds };
  }
}
