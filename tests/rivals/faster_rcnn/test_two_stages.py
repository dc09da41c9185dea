"""Both stages, to look at: the same boxes as the detector's own, and the figure."""

import numpy as np

from numpyssd.drawing import new_figure
from numpyssd.inference.suppression import best_detections
from numpyssd.rivals.faster_rcnn.detector import new
from numpyssd.rivals.faster_rcnn.two_stages import both_stages, draw_two_stages
from tests.rivals.faster_rcnn.small_faster_rcnn import SMALL, images, objects


def test_it_is_what_the_detector_finds(rng):
    detector, batch = new(SMALL, seed=1), images(rng, 1)
    found = both_stages(detector, batch)
    assert (found.scores.shape, found.boxes.shape) == ((144,), (144, 4))
    assert (np.diff(found.scores[found.rows]) <= 0).all()
    ((boxes, scores),) = detector.scored_boxes(batch)
    np.testing.assert_array_equal(found.class_boxes, boxes)
    np.testing.assert_array_equal(found.class_scores, scores)
    proposals = detector.model.propose(
        *(a[0] for a in detector.model.rpn.infer(detector.model.infer_features(batch))), 20
    )
    np.testing.assert_array_equal(found.proposals, proposals)


def test_the_figure(rng):
    detector = new(SMALL, seed=1)
    found = both_stages(detector, images(rng, 1))
    _, axes = new_figure(2, 2)
    image, positive = np.zeros((32, 32, 3), np.uint8), np.arange(144) < 5
    draw_two_stages(axes, image, objects(rng, 2)[0] * 32, found, detector.model.anchors, positive, "abc", 0.1)
    count = len(best_detections(found.class_boxes, found.class_scores, 0.1)[0])
    assert axes[0].get_title().startswith("5 of 144")
    assert len(axes[2].patches) == len(found.rows)
    assert len(axes[3].patches) == count > 0
    assert axes[3].get_title().endswith(f"{count} detections")
