"""numpyssd.inference.postprocess: Caffe's order of steps, its ties, and what overflows."""

import numpy as np
import pytest

from numpyssd.boxes import cxcywh_to_xyxy, iou, xyxy_to_cxcywh
from numpyssd.config import SSD300, TINY
from numpyssd.drawing import new_figure
from numpyssd.inference.postprocess import draw_postprocess, postprocess, postprocess_explained
from numpyssd.model.box_coding import decode, encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import softmax


def postprocess_by_loops(loc, conf, defaults, score_threshold, nms_threshold, top_k, keep_top_k):
    """Caffe's DetectionOutput in plain loops: a list of (label, default box), best first."""
    decoded, scores = decode(loc, defaults), softmax(conf)
    kept = []
    for label in range(1, conf.shape[1]):
        ranked = [k for k in range(len(loc)) if scores[k, label] > score_threshold]
        ranked = sorted(ranked, key=lambda k: (-scores[k, label], k))[:top_k]
        survivors = []
        for k in ranked:
            if all(iou(decoded[[k]], decoded[[other]])[0, 0] <= nms_threshold for other in survivors):
                survivors.append(k)
        kept += [(label, k) for k in survivors]
    return sorted(kept, key=lambda pair: -scores[pair[1], pair[0]])[:keep_top_k]  # sorted keeps the order of equals


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("top_k", "keep_top_k"), [(400, 200), (15, 20), (3, 200)])
def test_is_its_definition(seed, top_k, keep_top_k):
    rng = np.random.default_rng(seed)
    defaults = default_boxes(TINY)[300:420]
    loc = rng.normal(0, 1, (len(defaults), 4)).astype(np.float32)
    conf = rng.integers(-2, 3, (len(defaults), 4)).astype(np.float32)  # whole numbers: many equal scores
    options = {"score_threshold": 0.1, "nms_threshold": 0.45, "top_k": top_k, "keep_top_k": keep_top_k}
    expected = postprocess_by_loops(loc, conf, defaults, **options)
    found = postprocess_explained(loc, conf, defaults, **options)
    assert list(zip(found.labels.tolist(), found.default_box.tolist())) == expected
    boxes, labels, scores = postprocess(loc, conf, defaults, **options)
    rows = [k for _, k in expected]
    np.testing.assert_array_equal(boxes, np.clip(decode(loc, defaults)[rows], 0, 1))
    np.testing.assert_array_equal(scores, softmax(conf)[rows, labels])
    assert (labels.dtype, boxes.dtype, scores.dtype) == (np.int64, np.float32, np.float32)


def logits(*rows):
    """Logits (K, C) whose softmax is the probabilities given."""
    return np.log(np.array(rows, dtype=np.float64))


# Four default boxes of 0.2 x 0.2; the second lies 0.04 to the right of the first: IoU 0.16 / 0.24 = 0.667.
DEFAULTS = np.array([[0.3, 0.3, 0.2, 0.2], [0.34, 0.3, 0.2, 0.2], [0.7, 0.7, 0.2, 0.2], [0.7, 0.3, 0.2, 0.2]])
STILL = np.zeros((4, 4))


def test_golden():
    # Worked by hand: with no offsets the default boxes themselves; the second is removed by the first in class 1 only.
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.992, 0.004, 0.004])
    boxes, labels, scores = postprocess(STILL, conf, DEFAULTS)
    np.testing.assert_allclose(scores, [0.7, 0.5, 0.3, 0.1])
    assert labels.tolist() == [1, 2, 2, 1]
    expected = [[0.2, 0.2, 0.4, 0.4], [0.6, 0.6, 0.8, 0.8], [0.24, 0.2, 0.44, 0.4], [0.6, 0.6, 0.8, 0.8]]
    np.testing.assert_allclose(boxes, expected, atol=1e-12)


def test_explained():
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.992, 0.004, 0.004])
    loc = STILL + [[0.1], [0.2], [0.3], [0.4]]
    found = postprocess_explained(loc, conf, DEFAULTS)
    assert found.default_box.tolist() == [0, 2, 1, 2]
    assert [rows.tolist() for rows in found.suppressed] == [[1], [], [0], []]
    np.testing.assert_array_equal(found.offsets, loc[[0, 2, 1, 2]])
    np.testing.assert_array_equal(found.decoded, decode(loc, DEFAULTS))
    np.testing.assert_allclose(found.probabilities, np.exp(conf))


def test_what_top_k_cut_is_not_called_suppressed():
    conf = logits(*[[1 - p, p] for p in (0.9, 0.8, 0.7, 0.6)])
    same = np.tile(DEFAULTS[:1], (4, 1))
    assert postprocess_explained(STILL, conf, same, top_k=2).suppressed[0].tolist() == [1]
    assert postprocess_explained(STILL, conf, same).suppressed[0].tolist() == [1, 2, 3]


def test_a_score_must_be_greater_than_the_threshold():
    conf = np.zeros((1, 2))  # exactly one half
    assert len(postprocess(STILL[:1], conf, DEFAULTS[:1], score_threshold=0.5)[1]) == 0
    assert len(postprocess(STILL[:1], conf, DEFAULTS[:1], score_threshold=0.4999)[1]) == 1


def test_background_is_never_detected():
    boxes, labels, scores = postprocess(STILL, logits(*[[0.999, 0.001]] * 4), DEFAULTS)
    assert boxes.shape == (0, 4)
    assert labels.shape == scores.shape == (0,)


def test_nms_sees_boxes_that_are_not_clipped():
    # Areas 0.4 and 0.125, the second within the first: IoU 0.31; in the image the first is only 0.15: IoU 0.83.
    corners = np.array([[-0.5, 0, 0.3, 0.5], [0, 0, 0.25, 0.5]])
    defaults = xyxy_to_cxcywh(corners)
    assert iou(corners[:1], corners[1:])[0, 0] < 0.45 < iou(corners[:1].clip(0, 1), corners[1:].clip(0, 1))[0, 0]
    boxes, labels, _ = postprocess(STILL[:2], logits([0.1, 0.9], [0.2, 0.8]), defaults)
    assert labels.tolist() == [1, 1]
    np.testing.assert_allclose(boxes[0], [0, 0, 0.3, 0.5], atol=1e-12)


def test_equal_scores_go_to_the_lower_class_and_then_the_lower_default_box():
    found = postprocess_explained(STILL, np.zeros((4, 3)), DEFAULTS)
    assert list(zip(found.labels, found.default_box)) == [(1, 0), (1, 2), (1, 3), (2, 0), (2, 2), (2, 3)]


def test_keep_top_k_is_over_all_classes():
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.4, 0.05, 0.55])
    assert postprocess(STILL, conf, DEFAULTS, keep_top_k=2)[2] == pytest.approx([0.7, 0.55])
    assert len(postprocess(STILL, conf, DEFAULTS, keep_top_k=0)[1]) == 0
    assert len(postprocess(STILL, conf, DEFAULTS, keep_top_k=None)[1]) > 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("huge", [500.0, 1e5, 1e30])
def test_sizes_that_overflow_become_the_whole_image(dtype, huge):
    loc = STILL.astype(dtype)
    loc[:2, 2:] = huge  # both boxes have no end, and are the same
    boxes, _, scores = postprocess(loc, logits(*[[1 - p, p] for p in (0.9, 0.8, 0.7, 0.6)]), DEFAULTS.astype(dtype))
    np.testing.assert_allclose(scores, [0.9, 0.7, 0.6])
    np.testing.assert_allclose(boxes[0], [0, 0, 1, 1])
    assert np.isfinite(boxes).all()


def test_every_finite_offset_gives_boxes_in_the_image():
    loc = np.random.default_rng(0).choice([-3e38, -1e6, -800, 0, 800, 1e6, 3e38], (4, 50, 4)).astype(np.float32)
    defaults = np.tile(DEFAULTS.astype(np.float32), (13, 1))[:50]
    for offsets in loc:
        boxes = postprocess(offsets, np.zeros((50, 3), np.float32), defaults)[0]
        assert ((boxes >= 0) & (boxes <= 1)).all()
        assert (boxes[:, 2:] >= boxes[:, :2]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_detects_nothing(bad):
    loc, conf = STILL.copy(), logits(*[[0.1, 0.9]] * 4)
    loc[0, 1] = bad
    assert 0 not in postprocess_explained(loc, conf, DEFAULTS).default_box
    conf[:, 0] = bad
    assert len(postprocess(STILL, conf, DEFAULTS)[1]) == (0 if bad != -np.inf else 3)  # -inf: certainly not background


def test_no_default_boxes():
    boxes, labels, scores = postprocess(np.zeros((0, 4)), np.zeros((0, 21)), np.zeros((0, 4)))
    assert boxes.shape == (0, 4)
    assert labels.shape == scores.shape == (0,)
    assert labels.dtype == np.int64


@pytest.mark.parametrize(
    ("loc", "conf", "options", "words"),
    [
        (np.zeros((3, 4)), np.zeros((4, 3)), {}, r"loc .*\(4, 4\).*\(3, 4\)"),
        (np.zeros((4, 5)), np.zeros((4, 3)), {}, r"loc .*\(4, 5\)"),
        (np.zeros((1, 4, 4)), np.zeros((1, 4, 3)), {}, r"loc .*\(1, 4, 4\)"),
        (np.zeros((4, 4)), np.zeros((3, 3)), {}, r"conf .*\(3, 3\)"),
        (np.zeros((4, 4)), np.zeros(4), {}, r"conf .*\(4,\)"),
        (np.zeros((4, 4)), np.zeros((4, 3)), {"keep_top_k": -1}, "keep_top_k .*-1"),
    ],
)
def test_wrong_arguments_are_named(loc, conf, options, words):
    with pytest.raises(ValueError, match=words):
        postprocess(loc, conf, DEFAULTS, **options)


def test_finds_the_objects_of_a_network_that_is_right():
    defaults = default_boxes(SSD300)
    objects, classes = np.array([[0.1, 0.1, 0.5, 0.6], [0.55, 0.2, 0.9, 0.45]], np.float32), np.array([7, 15])
    overlaps = iou(objects, cxcywh_to_xyxy(defaults))
    nearest, positive = overlaps.argmax(axis=0), overlaps.max(axis=0) > 0.5
    conf = np.zeros((len(defaults), 21), np.float32)
    conf[:, 0] = 12
    conf[positive, classes[nearest[positive]]] = 20
    boxes, labels, scores = postprocess(encode(objects[nearest], defaults), conf, defaults)
    assert sorted(labels) == [7, 15]
    np.testing.assert_allclose(boxes[np.argsort(labels)], objects, atol=1e-5)
    assert (scores > 0.99).all()


def test_image_shows_candidates_and_detections():
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.4, 0.05, 0.55])
    _, axes = new_figure(columns=2)
    found = postprocess_explained(STILL, conf, DEFAULTS)
    draw_postprocess(axes, np.zeros((30, 40, 3), np.uint8), found, DEFAULTS, ("cat", "dog"), score_threshold=0.45)
    assert [len(ax.patches) for ax in axes] == [4, 6]  # three detections, each with its default box
    assert axes[1].texts[0].get_text().strip() == "cat 0.70, removed 1"
    assert axes[0].patches[0].get_x() == pytest.approx(0.2 * 40)


# ---- what torchvision does and Caffe does not ------------------------------------------------------------------------


def test_clipping_before_nms_joins_boxes_that_differ_only_outside():
    # Both begin at x = 0.9; one is 0.2 wide and one 0.5, so that their IoU is 0.4, and 1 once they are cut at x = 1.
    defaults = xyxy_to_cxcywh(np.array([[0.9, 0.4, 1.1, 0.6], [0.9, 0.4, 1.4, 0.6]]))
    conf = logits([0.1, 0.9], [0.2, 0.8])
    assert len(postprocess(STILL[:2], conf, defaults)[0]) == 2
    boxes, _, scores = postprocess(STILL[:2], conf, defaults, clip_before_nms=True)
    np.testing.assert_allclose(boxes, [[0.9, 0.4, 1, 0.6]], atol=1e-12)
    np.testing.assert_allclose(scores, [0.9])


def test_the_size_limit_of_torchvision():
    # exp(0.2 * 100) is 4.9e8 times the default box; torchvision lets it grow to 62.5 times.
    conf, loc = logits([0.1, 0.9]), np.array([[0.0, 0, 100, 0]])
    small = np.array([[0.5, 0.5, 0.004, 0.2]])
    np.testing.assert_allclose(postprocess(loc, conf, small)[0], [[0, 0.4, 1, 0.6]])
    limited = postprocess(loc, conf, small, size_limit=62.5)[0]
    np.testing.assert_allclose(limited, [[0.375, 0.4, 0.625, 0.6]])  # 0.25 wide


# ---- one label for each object ---------------------------------------------------------------------------------------


def one_label_by_loops(loc, conf, defaults, thresholds, nms_threshold, top_k, keep_top_k):
    """NMS over all pairs of a default box and a class: a list of (label, default box), best first."""
    decoded, scores = decode(loc, defaults), softmax(conf)
    pairs = [(c, k) for k in range(len(loc)) for c in range(1, conf.shape[1]) if scores[k, c] > thresholds[c - 1]]
    best = {}
    for label, k in pairs:  # of equal classes of a box the lower
        if k not in best or scores[k, label] > scores[k, best[k]]:
            best[k] = label
    kept = []
    for k in sorted(best, key=lambda k: (-scores[k, best[k]], k))[: top_k * (conf.shape[1] - 1)]:
        if all(iou(decoded[[k]], decoded[[other]])[0, 0] <= nms_threshold for _, other in kept):
            kept.append((best[k], k))
    return kept[:keep_top_k]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("top_k", "keep_top_k"), [(400, 200), (15, 20), (3, 200)])
def test_one_label_is_its_definition(seed, top_k, keep_top_k):
    rng = np.random.default_rng(seed)
    defaults = default_boxes(TINY)[300:420]
    loc = rng.normal(0, 1, (len(defaults), 4)).astype(np.float32)
    conf = rng.integers(-2, 3, (len(defaults), 4)).astype(np.float32)
    thresholds = (0.1, 0.3, 0.2)
    expected = one_label_by_loops(loc, conf, defaults, thresholds, 0.45, top_k, keep_top_k)
    found = postprocess_explained(loc, conf, defaults, thresholds, 0.45, top_k, keep_top_k, one_label=True)
    assert list(zip(found.labels.tolist(), found.default_box.tolist())) == expected
    np.testing.assert_array_equal(found.scores, softmax(conf)[found.default_box, found.labels])


def test_one_label_removes_what_other_classes_found_on_the_same_object():
    # The golden case: the second box overlaps the first, and the third has two classes.
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.992, 0.004, 0.004])
    found = postprocess_explained(STILL, conf, DEFAULTS, one_label=True)
    assert (found.labels.tolist(), found.default_box.tolist()) == ([1, 2], [0, 2])
    assert [rows.tolist() for rows in found.suppressed] == [[1], []]


def test_one_label_with_a_threshold_for_each_label_takes_the_best_class_that_is_over_its_own():
    conf = logits([0.1, 0.5, 0.4])
    for thresholds, expected in (((0.45, 0.3), [1]), ((0.6, 0.3), [2]), ((0.6, 0.6), [])):
        found = postprocess(STILL[:1], conf, DEFAULTS[:1], score_threshold=thresholds, one_label=True)
        assert found[1].tolist() == expected


@pytest.mark.parametrize("one_label", [False, True])
def test_nothing_to_compare(one_label):
    for boxes, classes in ((0, 21), (3, 1), (0, 1), (3, 21)):
        conf = np.zeros((boxes, classes), np.float32)
        found = postprocess(np.zeros((boxes, 4)), conf, np.ones((boxes, 4)), score_threshold=0.5, one_label=one_label)
        assert [len(array) for array in found] == [0, 0, 0]


def test_each_label_has_its_own_threshold():
    conf = logits([0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.4, 0.1, 0.5], [0.992, 0.004, 0.004])
    labels = postprocess(STILL, conf, DEFAULTS, score_threshold=np.array([0.65, 0.4]))[1]
    assert labels.tolist() == [1, 2]  # scores 0.7 and 0.5
    assert postprocess(STILL, conf, DEFAULTS, score_threshold=(0.75, 0.2))[1].tolist() == [2, 2]
    with pytest.raises(ValueError, match=r"each of the 2 labels, not \(3,\)"):
        postprocess(STILL, conf, DEFAULTS, score_threshold=(0.1, 0.1, 0.1))
