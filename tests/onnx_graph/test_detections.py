"""numpyssd.onnx_graph.detections: its nodes, by the standard's words, in NumPy, against inference.postprocess."""

import numpy as np
import onnx_numpy
import pytest
from onnx_cases import detections_graph, expected, one_map, outputs, same_detections

from numpyssd.model.default_boxes import default_boxes

pytestmark = pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")  # the numbers that are broken


def found(graph, loc, conf):
    made = onnx_numpy.run(graph, loc=np.float32(loc)[None], conf=np.float32(conf)[None])
    return made["boxes"], made["labels"], made["scores"]


COUNTS = {"many": 200, "few kept": 7, "nothing": 0, "one": 1, "scores at the threshold": 0}


@pytest.mark.parametrize("name", outputs())
def test_is_postprocess(name):
    config, loc, conf, options = outputs()[name]
    ours = expected(config, loc, conf, options)
    assert len(ours[2]) == COUNTS.get(name, len(ours[2]))  # so that no case turns out to test something else
    same_detections(ours, found(detections_graph(config, **options), loc, conf))


# Two default boxes on the center of a 100 px image: 0.2 x 0.2, and 0.4 x 0.4 = sqrt(20 * 80).
CONFIG = one_map((20, 80))
SURE = np.log(np.float32([[0.1, 0.8, 0.1], [0.3, 0.1, 0.6]]))


def test_golden():
    # Offsets of 1 move the first by 0.1 of its width (0.02) to the right and by twice that down.
    boxes, labels, scores = found(detections_graph(CONFIG, score_threshold=0.5), [[1, 2, 0, 0], [0, 0, 0, 0]], SURE)
    np.testing.assert_allclose(boxes, [[0.42, 0.44, 0.62, 0.64], [0.3, 0.3, 0.7, 0.7]], atol=1e-6)
    np.testing.assert_array_equal(labels, [1, 2])
    np.testing.assert_allclose(scores, [0.8, 0.6], rtol=1e-6)


def test_an_iou_at_the_threshold_is_no_reason_to_go():
    # 0.25 x 0.25 within 0.5 x 0.5: an IoU of a quarter, and every number on the way is exact.
    conf = np.log(np.float32([[0.1, 0.8, 0.1], [0.1, 0.7, 0.2]]))
    for threshold, left in ((0.26, 2), (0.25, 2), (0.24, 1)):
        graph = detections_graph(one_map((25, 100)), score_threshold=0.5, nms_threshold=threshold)
        assert len(found(graph, np.zeros((2, 4)), conf)[2]) == left


def test_size_limit():
    # torchvision lets a side grow 62.5 times at most; 3 here. Width 0.2 * 3, height 0.2 * e^(0.2 * 2).
    config = one_map((20, 80), size_limit=3.0)
    boxes = found(detections_graph(config, score_threshold=0.7), [[0, 0, 30, 2], [0, 0, 0, 0]], SURE)[0]
    half = 0.1 * np.exp(0.4)
    np.testing.assert_allclose(boxes, [[0.2, 0.5 - half, 0.8, 0.5 + half]], atol=1e-6)


def test_clip_before_nms():
    # -0.1 to 0.1 within -0.3 to 0.1, in x and y: an IoU of a quarter; what the image shows of them is the same.
    loc = [[-25, -25, 0, 0], [-15, -15, 0, 0]]
    conf = np.log(np.float32([[0.1, 0.8, 0.1], [0.1, 0.7, 0.2]]))
    for clip, left in ((False, 2), (True, 1)):
        graph = detections_graph(one_map((20, 80), clip_before_nms=clip), score_threshold=0.5)
        boxes = found(graph, loc, conf)[0]
        np.testing.assert_allclose(boxes, [[0, 0, 0.1, 0.1]] * left, atol=1e-6)


def test_default_boxes_are_the_configs():
    graph = detections_graph(CONFIG)
    np.testing.assert_array_equal(graph.constants["default_boxes.center"], default_boxes(CONFIG)[:, :2])
