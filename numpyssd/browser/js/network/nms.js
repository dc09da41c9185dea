// Non-maximum suppression: of all boxes on one object, keep the best (paper, section 2.2).

import { iou } from "./boxes.js";

// Return the order of the numbers 0, 1, ... by falling score; of equal scores the lower number goes first.
export function byScore(scores) {
  return Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * Return what greedy non-maximum suppression keeps, best first, and for each box what removed it.
 * boxes: Float32Array (N * 4) xyxy; scores: (N). A box is removed if its IoU with a kept box is greater than the
 * threshold. Only the best topK take part (null: all).
 * -> {keep: [index], suppressor: [N]}: the kept box that removed box i, i itself if it is kept, -1 if it took no part.
 */
export function nms(boxes, scores, threshold = 0.45, topK = null) {
  const keep = [], suppressor = new Array(scores.length).fill(-1), limit = Math.fround(threshold);
  for (const i of byScore(scores).slice(0, topK ?? scores.length)) {
    const by = keep.find((best) => iou(boxes, 4 * best, 4 * i) > limit);
    suppressor[i] = by ?? i;
    if (by === undefined) keep.push(i);
  }
  return { keep, suppressor };
}
