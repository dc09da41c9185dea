// What the words mean: one sentence each, folded until its reader asks.
import { node } from "./svg.js";

export const TERMS = {
  "receptive field": "The pixels of the network's input that one number further on depends on.",
  "feature map": "A grid of cells, with many numbers in each, that the network computes from the picture.",
  channel: "One number of every cell: a small picture that shows where one learned pattern occurs.",
  convolution: "The same weighted sum, computed at every place of a picture or a feature map.",
  conv4_3: "The name of a layer: the third convolution of the fourth block; feature maps are named after their layers.",
  cell: "One place of a feature map; on the picture it is a small square.",
  "default box": "A box of fixed place and size that the network starts from; every cell has several.",
  offsets: "Four numbers that the network gives for each default box: how far to move it, and how much to stretch it.",
  "class score": "A number from 0 to 1 for each class; those of one default box add up to 1.",
  background: "The class “nothing here”: what a default box without an object should say.",
  logit: "The sum from which a score is made, before softmax.",
  kernel: "The weights of a convolution: the factors of its sum, which were learned.",
  bias: "A number that was learned and is added to the sum, whatever the picture shows.",
  softmax: "Take e to the power of each logit, and divide by the sum of all of them: now they lie between 0 and 1.",
  "L2 normalization": "All numbers of a cell are divided by their length (the root of the sum of their squares), and each channel " +
    "is multiplied by a factor that was learned; it is done to the first feature map only, whose numbers are larger than the others'.",
  candidate: "A decoded box and a class whose score is high enough to take part in NMS.",
  threshold: "A box is drawn if its score is higher; the network does not know it, and you choose it.",
  NMS: "Non-maximum suppression: of boxes that overlap much, only the one with the best score stays.",
  IoU: "Intersection over union: the area that two boxes share, divided by the area that they cover together; 1: the same box, " +
    "0: no overlap.",
  detection: "A box, a class and a score that NMS has kept.",
};

/** A folded list of these terms in parent. */
export function glossary(parent, terms) {
  const details = node("details", { class: "ex-terms" }, parent);
  node("summary", {}, details, `Words: ${terms.join(", ")}`);
  const list = node("dl", {}, details);
  for (const term of terms) {
    node("dt", {}, list, term);
    node("dd", {}, list, TERMS[term]);
  }
  return details;
}
