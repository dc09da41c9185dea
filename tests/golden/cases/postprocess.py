"""The whole way from raw outputs to the detections of one image."""

from tests.golden.cases.common import Noise, case
from tests.golden.cases.matching import scene as matching_scene
from tests.golden.rules.boxes import iou, to_cxcywh, to_xyxy
from tests.golden.rules.postprocess import postprocess


def postprocess_case(name, loc, conf, default_boxes, why=None, **options):
    """Return a case with the detections, and from which default box each came."""
    inputs = {"loc": loc, "conf": conf, "default_boxes": default_boxes}
    inputs.update(score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200)
    inputs.update(options)
    expected = dict(zip(("boxes", "labels", "scores", "default_box"), postprocess(**inputs)))
    return case(name, inputs, expected, {"float32": 5e-6, "float64": 1e-12}, why)


def scene():
    """Return loc, conf and default boxes as of a network that finds five objects of three classes, fairly well."""
    objects, default = matching_scene()
    noise = Noise(21)
    loc, conf = noise.array((len(default), 4), -1, 1), noise.array((len(default), 4), -1, 1, 1024)
    for k, box in enumerate(default):
        overlaps = [iou(to_xyxy(box), other) for other in objects]
        best = max(range(len(objects)), key=lambda m: overlaps[m])
        conf[k][1 + best % 3] += round(overlaps[best] * 64) / 8
        conf[k][0] += 3.0
    return loc, conf, default


def make():
    """Return what goes into postprocess.json."""
    apart = [[0.125, 0.125, 0.25, 0.25], [0.5, 0.5, 0.25, 0.25], [0.875, 0.875, 0.25, 0.25]]
    still = [[0.0] * 4] * 3
    out = [to_cxcywh(box) for box in ([-0.5, 0.0, 0.25, 0.5], [0.0, 0.0, 0.5, 0.5])]
    return {
        "what": "the detections of one image: softmax, decoding, threshold, suppression by class, the best of all",
        "source": "Caffe detection_output_layer.cpp; paper, end of section 3",
        "units": "loc (K, 4), conf (K, C) logits, default_boxes (K, 4) cxcywh; boxes xyxy in [0, 1]",
        "cases": [
            postprocess_case("a scene", *scene()),
            postprocess_case("a scene, the best few only", *scene(), why="top_k of each class before, keep_top_k after",
                             top_k=8, keep_top_k=6),
            postprocess_case("a scene, other thresholds", *scene(), score_threshold=0.25, nms_threshold=0.25),
            postprocess_case("exactly at the score threshold", still, [[0.0] * 4] * 3, apart,
                             "a probability of 0.25 is not greater than 0.25", score_threshold=0.25),
            postprocess_case("equal scores", still, [[0.0, 1.0, 1.0], [0.0, 0.0, 2.0], [0.0, 1.0, 1.0]], apart,
                             "the lower class first, then the lower default box"),
            postprocess_case("background is the likeliest", [still[0]], [[2.0, 1.0, 0.0]], [apart[0]],
                             "the other classes count all the same"),
            postprocess_case("clipped only at the end", still[:2], [[0.0, 3.0], [0.0, 2.0]], out,
                             "unclipped the IoU is 0.25 and both stay; clipped it would be 0.5"),
            postprocess_case("classes do not suppress each other", still[:2], [[0.0, 3.0, 0.0], [0.0, 0.0, 3.0]],
                             [apart[1], apart[1]], score_threshold=0.5),
            postprocess_case("keep_top_k over all classes", still, [[0.0, 3.0, 2.5], [0.0, 2.0, 0.0], [0.0, 0.0, 4.0]],
                             apart, keep_top_k=2),
            postprocess_case("one class more than background, nothing found", still, [[9.0, 0.0]] * 3, apart),
        ],
    }  # fmt: skip
