"""numpyssd.training.matching: truly bipartite first, then the threshold, and every tie to the lower index."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numpyssd.boxes import cxcywh_to_xyxy, iou, xyxy_to_cxcywh
from numpyssd.config import SSD300
from numpyssd.drawing import new_figure
from numpyssd.model.box_coding import decode, encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import MIN_IOU, bipartite, draw_matching, match, targets
from numpyssd.training.matching_variants import RULES


def match_by_loops(overlaps, threshold):
    """Paper section 2.2 and Caffe's MatchBBox on an IoU matrix (M, K), in plain loops."""
    objects, boxes = overlaps.shape
    matched, served = [-1] * boxes, set()
    while True:
        best = None
        for k in range(boxes):  # the lowest default box first,
            for m in range(objects):  # then the lowest object: only a strictly larger IoU replaces them
                left = matched[k] == -1 and m not in served and overlaps[m, k] > 1e-6
                if left and (best is None or overlaps[m, k] > overlaps[best]):
                    best = (m, k)
        if best is None:
            break
        matched[best[1]] = best[0]
        served.add(best[0])
    for k in range(boxes):
        if matched[k] == -1:
            best = None
            for m in range(objects):
                enough = overlaps[m, k] >= threshold and overlaps[m, k] > 1e-6
                if enough and (best is None or overlaps[m, k] > overlaps[best, k]):
                    best = m
            if best is not None:
                matched[k] = best
    return matched


def grid_boxes(low, high):
    """xyxy boxes with corners on a coarse grid of eighths, so equal IoUs are common; some are empty or inverted."""
    shape = st.tuples(st.integers(low, high), st.just(4))
    return hnp.arrays(np.float32, shape, elements=st.integers(0, 8).map(lambda i: i / 8))


@settings(deadline=None, max_examples=150)
@given(grid_boxes(0, 6), grid_boxes(0, 12), st.sampled_from([0.25, 0.5, 0.7]))
def test_is_its_definition(gt_boxes, defaults, threshold):
    matched = match(gt_boxes, xyxy_to_cxcywh(defaults), threshold)
    assert matched.dtype == np.int64
    assert matched.tolist() == match_by_loops(iou(gt_boxes, defaults), threshold)


def test_is_its_definition_on_ssd300():
    rng = np.random.default_rng(3)
    defaults = default_boxes(SSD300)[5776:]  # without the finest map, for the loops' sake
    for _ in range(3):
        corners = rng.uniform(0, 0.7, (6, 2))
        gt_boxes = np.concatenate([corners, corners + rng.uniform(0.05, 0.5, (6, 2))], axis=1).astype(np.float32)
        expected = match_by_loops(iou(gt_boxes, cxcywh_to_xyxy(defaults)), 0.5)
        assert match(gt_boxes, defaults).tolist() == expected


def test_golden_bipartite():
    # By hand. Both objects want default box 0: the better one gets it, the other its next best, poor as that is.
    assert bipartite(np.array([[0.85, 0.1, 0], [0.9, 0.8, 0]])).tolist() == [1, 0]
    # A chain: 2 takes box 0 from 1, which takes box 1 from 0, which is left with box 3.
    chain = [[0, 0.5, 0, 0.2], [0.8, 0.6, 0, 0], [0.9, 0, 0, 0]]
    assert bipartite(np.array(chain)).tolist() == [3, 1, 0]
    # More objects than default boxes: the strongest two are served.
    assert bipartite(np.array([[0.3, 0.2], [0.6, 0.5], [0.4, 0.55]])).tolist() == [-1, 0, 1]
    assert bipartite(np.zeros((2, 0))).tolist() == [-1, -1]
    assert bipartite(np.zeros((0, 2))).tolist() == []
    # Nothing is greedy in the order of the objects.
    assert bipartite(np.array([[0.6, 0.1], [0.7, 0.65]])).tolist() == [1, 0]


def test_two_objects_that_share_their_best_default_box_both_get_one():
    # IoU with default box 0: 9/10 and 10/11; with default box 1: 9/30 and 11/30. Ports that take the best default box
    # object by object let the last one have box 0 and leave the other without any.
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [0, 0, 10, 30]]))
    gt_boxes = np.array([[0, 0, 10, 9], [0, 0, 10, 11]])
    assert (iou(gt_boxes, cxcywh_to_xyxy(defaults)).argmax(axis=1) == 0).all()
    assert match(gt_boxes, defaults).tolist() == [1, 0]
    assert match(gt_boxes[::-1], defaults).tolist() == [0, 1]


def test_the_bipartite_step_beats_the_threshold():
    # Default box 1 overlaps object 0 by 0.8, but is the only one that object 1 can have.
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [0, 0, 10, 8]]))
    gt_boxes = np.array([[0, 0, 10, 10], [0, 0, 2, 2]])
    assert match(gt_boxes, defaults).tolist() == [0, 1]
    assert match(gt_boxes[:1], defaults).tolist() == [0, 0]


def test_an_object_below_the_threshold_still_gets_its_default_box():
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [20, 0, 30, 10]]))
    assert match([[0, 0, 2, 2]], defaults).tolist() == [0, -1]


@pytest.mark.parametrize(
    "object_",
    [
        [50, 50, 60, 60],  # elsewhere
        [10, 0, 20, 10],  # touches the edge
        [5, 5, 5, 9],  # empty
        [9, 9, 5, 5],  # inverted
        [0, 0, 1e-3, 1e-3],  # IoU 1e-8: below Caffe's 1e-6
    ],
)
def test_an_object_that_overlaps_nothing_gets_nothing(object_):
    # Ports that force the best default box would give it number 0.
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [0, 0, 10, 12]]))
    assert match([object_], defaults).tolist() == [-1, -1]
    assert match([object_], defaults, iou_threshold=0).tolist() == [-1, -1]


def test_an_iou_of_exactly_the_least_does_not_count(monkeypatch):
    assert MIN_IOU == 1e-6
    monkeypatch.setattr("numpyssd.training.matching.MIN_IOU", 2.0**-20)  # which a square of 2^-10 has exactly
    default, gt_boxes = np.array([[0.5, 0.5, 1, 1]]), np.array([[0, 0, 2.0**-10, 2.0**-10]])
    assert iou(gt_boxes, cxcywh_to_xyxy(default))[0, 0] == 2.0**-20
    for rule in ("bipartite", "threshold"):
        assert match(gt_boxes, default, 0, rule).tolist() == [-1]
        assert match(gt_boxes * 1.01, default, 0, rule).tolist() == [0]


def test_threshold_counts_at_exactly_one_half():
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 8, 8], [0, 0, 4, 8], [0, 0, 4, 7.99]], np.float32))
    gt_boxes = np.array([[0, 0, 8, 8]], np.float32)
    assert iou(gt_boxes, cxcywh_to_xyxy(defaults))[0, 1] == 0.5
    assert match(gt_boxes, defaults).tolist() == [0, 0, -1]
    assert match(gt_boxes, defaults, iou_threshold=0.51).tolist() == [0, -1, -1]


def test_ties_go_to_the_lowest_default_box_then_to_the_lowest_object():
    same = np.array([[0.2, 0.2, 0.6, 0.6]])
    three = xyxy_to_cxcywh(np.repeat(same, 3, axis=0))
    assert match(same, three, iou_threshold=1.1).tolist() == [0, -1, -1]
    assert match(np.repeat(same, 2, axis=0), three, iou_threshold=1.1).tolist() == [0, 1, -1]
    assert match(np.repeat(same, 2, axis=0), three).tolist() == [0, 1, 0]
    # Object 1 ties with object 0 but at a lower default box, so its pair is made first.
    assert bipartite(np.array([[0, 0.5, 0.5], [0.5, 0.5, 0]])).tolist() == [1, 0]
    assert bipartite(np.array([[0.5, 0.5], [0.5, 0.2]])).tolist() == [0, 1]


def match_by_another_rule(overlaps, threshold, rule):
    """amdegroot's match ("argmax") and balancap's ("threshold") on an IoU matrix (M, K) of boxes that have an area."""
    objects, boxes = overlaps.shape
    matched = [-1] * boxes
    for k in range(boxes):
        for m in range(objects):
            enough = overlaps[m, k] >= threshold and overlaps[m, k] > 1e-6
            if enough and (matched[k] == -1 or overlaps[m, k] > overlaps[matched[k], k]):
                matched[k] = m
    if rule == "argmax" and boxes:
        for m in range(objects):
            matched[max(range(boxes), key=lambda k: (overlaps[m, k], -k))] = m
    return matched


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.integers(0, 12), st.sampled_from(["argmax", "threshold"]))
def test_the_other_rules_are_their_definitions(seed, objects, boxes, rule):
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 6, (objects + boxes, 2))
    both = np.concatenate([corners, corners + rng.integers(1, 5, corners.shape)], axis=1) / 8  # many ties
    gt_boxes, defaults = both[:objects], both[objects:]
    expected = match_by_another_rule(iou(gt_boxes, defaults), 0.5, rule)
    assert match(gt_boxes, xyxy_to_cxcywh(defaults), rule=rule).tolist() == expected


def test_what_each_rule_does_to_two_objects_that_want_the_same_default_box():
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [0, 0, 10, 30]]))
    gt_boxes = np.array([[0, 0, 10, 9], [0, 0, 10, 11]])
    assert match(gt_boxes, defaults, rule="bipartite").tolist() == [1, 0]
    assert match(gt_boxes, defaults, rule="argmax").tolist() == [1, -1]  # the last wins, the first has none
    assert match(gt_boxes[::-1], defaults, rule="argmax").tolist() == [1, -1]
    assert match(gt_boxes, defaults, rule="threshold").tolist() == [1, -1]  # the better fit; 11/30 is under a half


def test_what_each_rule_does_to_an_object_that_nothing_fits():
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [20, 0, 30, 10]]))
    for box, expected in (([20, 0, 22, 2], (1, 1, None)), ([50, 50, 60, 60], (None, 0, None))):
        for rule, index in zip(("bipartite", "argmax", "threshold"), expected):
            assert np.flatnonzero(match([box], defaults, rule=rule) >= 0).tolist() == ([] if index is None else [index])


@pytest.mark.parametrize("rule", RULES)
def test_an_object_without_area_matches_nothing_and_empty_arrays_are_legal(rule):
    defaults, none = default_boxes(SSD300), np.zeros((0, 4), np.float32)
    loc, conf = targets([[0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.1, 0.1]], [1, 2], defaults, rule=rule)
    assert not loc.any()
    assert not conf.any()
    assert (match(none, defaults, rule=rule) == -1).all()
    assert match([[0, 0, 1, 1]], none, rule=rule).shape == (0,)


def test_targets_pass_the_rule_and_the_threshold_on():
    defaults = default_boxes(SSD300)
    gt_boxes = np.float32([[0.5, 0.5, 0.51, 0.51], [0.1, 0.2, 0.5, 0.7]])
    for options in ({"rule": "threshold"}, {"rule": "argmax"}, {"iou_threshold": 0.6}):
        conf = targets(gt_boxes, [1, 2], defaults, **options)[1]
        np.testing.assert_array_equal(conf, match(gt_boxes, defaults, **options) + 1)
    with pytest.raises(ValueError, match="rule must be one of 'bipartite', 'argmax', 'threshold', not 'best'"):
        targets(gt_boxes, [1, 2], defaults, rule="best")


def test_a_rule_may_be_read_from_a_file():
    defaults = xyxy_to_cxcywh(np.array([[0, 0, 10, 10], [0, 0, 10, 30]]))
    gt_boxes = np.array([[0, 0, 2, 2], [0, 0, 3, 3]])
    found = [match(gt_boxes, defaults, rule=rule).tolist() for rule in json.loads(json.dumps(RULES))]
    assert found == [[1, 0], [1, -1], [-1, -1]]


def test_no_objects_and_no_default_boxes():
    none, defaults = np.zeros((0, 4), np.float32), default_boxes(SSD300)
    assert (match(none, defaults) == -1).all()
    assert match(none, defaults).shape == (8732,)
    assert match(np.ones((2, 4)), none).shape == (0,)
    loc, conf = targets(none, np.zeros(0, np.int64), defaults)
    assert loc.shape == (8732, 4)
    assert not loc.any()
    assert not conf.any()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_every_object_that_overlaps_has_a_default_box_of_its_own(seed, objects):
    rng = np.random.default_rng(seed)
    gt_boxes = cxcywh_to_xyxy(
        np.concatenate([rng.uniform(0.1, 0.9, (objects, 2)), rng.uniform(0.02, 0.6, (objects, 2))], 1)
    )
    defaults = default_boxes(SSD300)
    matched = match(gt_boxes, defaults)
    assert set(range(objects)) <= set(matched.tolist())
    # The order of the objects does not matter: their IoUs differ.
    order = rng.permutation(objects)
    np.testing.assert_array_equal(np.append(order, -1)[match(gt_boxes[order], defaults)], matched)


def test_targets_are_the_encoded_object_and_its_label():
    defaults = default_boxes(SSD300)
    gt_boxes = np.array([[0.1, 0.2, 0.5, 0.7], [0.6, 0.1, 0.7, 0.2]], np.float32)
    labels = [7, 20]
    loc, conf = targets(gt_boxes, labels, defaults)
    assert (loc.dtype, conf.dtype, loc.shape, conf.shape) == (np.float32, np.int64, (8732, 4), (8732,))
    matched = match(gt_boxes, defaults)
    for k in range(8732):
        if matched[k] < 0:
            assert conf[k] == 0
            assert not loc[k].any()
        else:
            assert conf[k] == labels[matched[k]]
            np.testing.assert_array_equal(loc[[k]], encode(gt_boxes[matched[[k]]], defaults[[k]]))
    assert set(conf.tolist()) == {0, 7, 20}
    positive = conf > 0
    np.testing.assert_allclose(decode(loc[positive], defaults[positive]), gt_boxes[matched[positive]], atol=1e-6)


def test_targets_ignore_an_object_without_size():
    loc, conf = targets([[0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.1, 0.1]], [1, 2], default_boxes(SSD300))
    assert not loc.any()
    assert not conf.any()


def test_wrong_arguments_are_named():
    defaults, box = default_boxes(SSD300), [[0, 0, 1, 1]]
    with pytest.raises(ValueError, match=r"gt_boxes .*\(4,\)"):
        match([0, 0, 1, 1], defaults)
    with pytest.raises(ValueError, match=r"default_boxes .*\(8732, 3\)"):
        match(box, defaults[:, :3])
    with pytest.raises(ValueError, match=r"gt_labels .*\(2,\)"):
        targets(box, [1, 2], defaults)
    with pytest.raises(ValueError, match=r"shape \(2,\) of gt_boxes, but has \(1,\)"):
        targets(box * 2, [1], defaults)
    with pytest.raises(ValueError, match="0 is background, but hold -3"):
        targets(box * 2, [-3, 2], defaults)
    with pytest.raises(ValueError, match="0 is background"):
        targets(box, [0], defaults)


def test_figure():
    image, defaults = np.zeros((300, 300, 3), np.uint8), default_boxes(SSD300)
    gt_boxes = np.array([[15, 98, 189, 262], [221, 32, 260, 71]], np.float32)
    matched = match(gt_boxes / 300, defaults)
    for m in range(2):
        _, ax = new_figure()
        draw_matching(ax, image, gt_boxes, defaults, m)
        assert len(ax.patches) == (matched == m).sum() + 2  # the object, and its own default box once more
    _, ax = new_figure()
    draw_matching(ax, image, np.array([[400.0, 400, 410, 410]]), defaults, 0)
    assert len(ax.patches) == 1
