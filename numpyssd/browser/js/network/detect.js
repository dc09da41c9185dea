// Detect: an image in, boxes out, and every stage in between.

import { defaultBoxes } from "./default_boxes.js";
import { POSTPROCESS_OPTIONS, postprocess } from "./postprocess.js";
import { normalize } from "./preprocess.js";
import { resize } from "./resize.js";

/**
 * Return what an SSD finds in an image, and all that led to it.
 * image: {width, height, data} with bytes RGB or RGBA; options: as POSTPROCESS_OPTIONS; onLayer: see SSD.forward.
 * -> {width, height, input (S * S * 3) RGB as resized, maps, norm, loc (K * 4), conf (K * classes), probabilities
 *     (K * classes), default_boxes (K * 4) cxcywh, decoded (K * 4) xyxy, detections, options: all that were used}
 * A detection, best first, is {label, name, score, box: [x1, y1, x2, y2] in pixels of the image, default_box: row,
 * suppressed: [rows]}. All arrays are new.
 */
export function detectStages(ssd, image, options = {}, onLayer = () => {}) {
  const { config, class_names: names } = ssd.model, { width, height } = image;
  const input = resize(image, config.image_size, config.resize);
  const raw = ssd.forward(normalize(input, config, ssd.input()), onLayer);
  const copy = (map) => ({ ...map, data: map.data.slice() });
  const loc = raw.loc.slice(), conf = raw.conf.slice(), boxesOfModel = defaultBoxes(config);
  const rules = { clip_before_nms: config.clip_before_nms, size_limit: config.size_limit };
  const used = { ...POSTPROCESS_OPTIONS, ...rules, ...options };
  const found = postprocess(loc, conf, config.num_classes, boxesOfModel, used);
  const detections = found.detections.map(({ label, score, box: [x1, y1, x2, y2], default_box, suppressed }) => ({
    label, name: names[label - 1], score,
    box: [x1 * width, y1 * height, x2 * width, y2 * height], default_box, suppressed,
  }));
  return {
    width, height, input, maps: raw.maps.map(copy), norm: copy(raw.norm), loc, conf,
    probabilities: found.probabilities, default_boxes: boxesOfModel, decoded: found.decoded, detections, options: used,
  };
}
