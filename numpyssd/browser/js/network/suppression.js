// From scored boxes to detections: threshold, non-maximum suppression, the best of an image (paper, end of section 3).

import { byScore, nms } from "./nms.js";

/**
 * Return which of K boxes are the detections of an image, best first: [{row, label, suppressed: [rows]}].
 * boxes: (K * 4) xyxy; one that is not finite detects nothing. scores: (K * classes), class 0 is background.
 * options: {score_threshold: a number or one for each label, nms_threshold, top_k, keep_top_k, one_label: NMS across
 * the classes, where a box stands for its best class alone}; null for top_k or keep_top_k: all.
 */
export function keepBest(boxes, scores, classes, options) {
  const found = [], { nms_threshold: threshold, top_k: topK, keep_top_k: most } = options;
  const pools = candidatePools(boxes, scores, classes, options);
  const taking = options.one_label && topK !== null ? topK * Math.max(1, classes - 1) : topK;
  for (const { rows, labels } of pools) {
    const theirBoxes = new Float32Array(4 * rows.length);
    const theirScores = rows.map((row, i) => scores[row * classes + labels[i]]);
    rows.forEach((row, i) => theirBoxes.set(boxes.subarray(4 * row, 4 * row + 4), 4 * i));
    const { keep, suppressor } = nms(theirBoxes, theirScores, threshold, taking);
    const suppressed = new Map(keep.map((i) => [i, []]));
    suppressor.forEach((by, i) => by !== -1 && by !== i && suppressed.get(by).push(rows[i]));
    for (const i of keep) found.push({ row: rows[i], label: labels[i], suppressed: suppressed.get(i) });
  }
  const order = byScore(found.map(({ row, label }) => scores[row * classes + label]));
  return order.slice(0, most ?? order.length).map((i) => found[i]);
}

// Return what NMS compares: rows and labels of the candidates, of each class or of all classes together.
function candidatePools(boxes, scores, classes, { score_threshold: threshold, one_label: together }) {
  const labels = Array.from({ length: classes - 1 }, (_, i) => i);
  const thresholds = labels.map((i) => Math.fround(Array.isArray(threshold) ? threshold[i] : threshold));
  const pools = Array.from({ length: together ? 1 : classes - 1 }, () => ({ rows: [], labels: [] }));
  for (let row = 0; row < scores.length / classes; row++) {
    if (!boxes.subarray(4 * row, 4 * row + 4).every(Number.isFinite)) continue;
    let best = 0;
    for (let label = 1; label < classes; label++) {
      const score = scores[row * classes + label];
      if (!(score > thresholds[label - 1])) continue;
      if (!together) {
        pools[label - 1].rows.push(row);
        pools[label - 1].labels.push(label);
      } else if (best === 0 || score > scores[row * classes + best]) best = label;
    }
    if (together && best > 0) {
      pools[0].rows.push(row);
      pools[0].labels.push(best);
    }
  }
  return pools;
}
