// What the explainer and each of its stages say of themselves: one sentence, the terms, the place in the paper, the lesson.

export const HOW_TO = "Point at a box, and all that it comes from is marked in the seven steps; a click keeps it. " +
  "Or ask why there is no box at a place.";
export const SOURCES = "“Paper” is the SSD paper: Liu et al., 2016, “SSD: Single Shot MultiBox Detector”. The lessons are notebooks that come " +
  "with numpyssd.";

export const LESSONS_OF_STAGES = {
  "00_what_a_detector_outputs": "What a detector outputs", "03_convolution": "Convolution",
  "06_base_network_and_receptive_field": "Base network and receptive field",
  "07_feature_maps_and_predictors": "Feature maps and predictors", "08_default_boxes": "Default boxes",
  "09_matching_and_encoding": "Matching and encoding", "14_nms_and_decoding": "Decoding and NMS",
};

export const STAGE_WORDS = [
  {
    id: "input", title: "What the network sees",
    terms: ["receptive field"],
    paper: "section 3.1", lessons: ["00_what_a_detector_outputs"],
    sentence: "The picture is squeezed into a square, whatever its shape: these pixels, minus a mean color, are all that the " +
      "network gets.",
  },
  {
    id: "maps", title: "Feature maps",
    terms: ["feature map", "channel", "convolution", "conv4_3"],
    paper: "section 2.1", lessons: ["06_base_network_and_receptive_field"],
    sentence: "Convolutions turn the pixels into ever coarser maps with many channels, and boxes are predicted from several " +
      "of them: small objects from the fine maps, large ones from the coarse maps.",
  },
  {
    id: "cells", title: "Cells, default boxes, offsets",
    terms: ["cell", "default box", "offsets", "class score", "background"],
    paper: "section 2.2, equation 2",
    lessons: ["08_default_boxes", "09_matching_and_encoding"],
    sentence: "Every cell of a map has a few fixed default boxes, and for each of them the network gives a score for every " +
      "class, and four offsets that move and stretch it.",
  },
  {
    id: "output", title: "One score, taken apart",
    terms: ["logit", "kernel", "bias", "softmax", "L2 normalization"],
    paper: "section 2.1",
    lessons: ["07_feature_maps_and_predictors", "03_convolution"],
    sentence: "A score begins as a sum, the numbers in 3 × 3 cells of all channels times a kernel that was learned, and softmax " +
      "turns the sums of all classes into scores that add up to 1.",
  },
  {
    id: "candidates", title: "All candidates",
    terms: ["candidate", "threshold"],
    paper: "section 3.7", lessons: ["14_nms_and_decoding"],
    sentence: "Every default box says what it sees without asking its neighbors, so one object is found many times over, by " +
      "neighboring cells and by several maps.",
  },
  {
    id: "nms", title: "Non-maximum suppression, step by step",
    terms: ["NMS", "IoU"],
    paper: "section 3.7", lessons: ["14_nms_and_decoding"],
    togetherSentence: "Of all boxes, whatever their classes, the best stays and removes all that overlap it by an IoU of more " +
      "than 0.45, as you want one label for each object; then the best of those that are left; and so on.",
    sentence: "Of the boxes of one class the best stays and removes all that overlap it by an IoU of more than 0.45; then the " +
      "best of those that are left; and so on.",
  },
  {
    id: "shown", title: "What is shown",
    terms: ["detection"],
    paper: "section 3.7", lessons: ["00_what_a_detector_outputs", "14_nms_and_decoding"],
    sentence: "What NMS keeps, the best 200 of all classes, are the detections, and those over your threshold are drawn.",
  },
];
