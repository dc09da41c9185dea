"""numpyssd.rivals.yolo.yolo_loss: equation 3 by loops, each gradient by differences, and what ports get wrong."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.rivals.yolo.decoding import split_outputs
from numpyssd.rivals.yolo.grid_targets import grid_targets
from numpyssd.rivals.yolo.responsibility import responsible_boxes
from numpyssd.rivals.yolo.yolo_loss import divisors, yolo_loss

GRID, BOXES, CLASSES = 3, 2, 4


def random_batch(seed, images=2, objects=4):
    """Outputs and targets of some images."""
    rng = np.random.default_rng(seed)
    out = rng.normal(0.4, 0.3, (images, GRID, GRID, 5 * BOXES + CLASSES))
    rows = []
    for _ in range(images):
        corners = rng.uniform(0, 0.7, (objects, 2))
        boxes = np.concatenate([corners, corners + rng.uniform(0.1, 0.3, (objects, 2))], axis=1)
        rows.append(grid_targets(boxes, rng.integers(1, CLASSES + 1, objects), GRID))
    cell_boxes, cell_labels = (np.stack(column) for column in zip(*rows))
    return out, cell_boxes, cell_labels


def overlap(box, truth):
    """IoU of two boxes x, y in the cell, width, height of the image."""
    sides = []
    for axis in (0, 1):
        low = max(box[axis] / GRID - box[axis + 2] / 2, truth[axis] / GRID - truth[axis + 2] / 2)
        high = min(box[axis] / GRID + box[axis + 2] / 2, truth[axis] / GRID + truth[axis + 2] / 2)
        sides.append(max(0.0, high - low))
    intersection = sides[0] * sides[1]
    return intersection / (box[2] * box[3] + truth[2] * truth[3] - intersection)


@dataclass
class Rules:
    """Equation 3 with one rule of a port in place of the paper's."""

    confidence_target: str = "iou"
    other_box_of_an_object_cell: bool = True
    root_of_the_output: bool = False


def by_loops(out, cell_boxes, cell_labels, divisor="objects", rules=Rules()):  # noqa: B008
    """The five sums, one cell and one number at a time; rules: the planted bugs."""
    sums = np.zeros(5)
    objects = int((cell_labels > 0).sum())
    count = max(1, objects) if divisor == "objects" else len(out)
    for n, i in np.ndindex(cell_labels.shape):
        values = out[n, i // GRID, i % GRID]
        boxes = [values[5 * b : 5 * b + 5] for b in range(BOXES)]
        winner = None
        if cell_labels[n, i]:
            x, y, width, height = truth = cell_boxes[n, i]
            ious = [overlap([u, v, a * a, b * b], truth) for u, v, a, b, _ in boxes]
            apart = [
                math.hypot((u - x) / GRID, (v - y) / GRID, a * a - width, b * b - height) for u, v, a, b, _ in boxes
            ]
            winner = ious.index(max(ious)) if max(ious) > 0 else apart.index(min(apart))
            u, v, a, b, confidence = boxes[winner]
            if rules.root_of_the_output:
                a, b = np.sqrt(a), np.sqrt(b)
            sums[0] += 5 * ((u - x) ** 2 + (v - y) ** 2)
            sums[1] += 5 * ((a - math.sqrt(width)) ** 2 + (b - math.sqrt(height)) ** 2)
            sums[2] += (confidence - (ious[winner] if rules.confidence_target == "iou" else 1)) ** 2
            for c in range(CLASSES):
                sums[4] += (values[5 * BOXES + c] - (c == cell_labels[n, i] - 1)) ** 2
        for b in range(BOXES):
            if b != winner and (winner is None or rules.other_box_of_an_object_cell):
                sums[3] += 0.5 * boxes[b][4] ** 2
    return sums / count


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 7),
    st.sampled_from(["objects", "images"]),
    st.sampled_from(["iou", "one"]),
)
def test_is_its_definition(seed, objects, divisor, target):
    batch = random_batch(seed, objects=objects)
    loss, dout, terms = yolo_loss(*batch, divisor=divisor, confidence_target=target)
    expected = by_loops(*batch, divisor, Rules(confidence_target=target))
    np.testing.assert_allclose(terms[:5], expected, rtol=1e-10, atol=1e-14)
    assert loss == terms.total == pytest.approx(expected.sum(), rel=1e-10)
    assert dout.shape == batch[0].shape
    assert sum(terms.wins) == (batch[2] > 0).sum()


def test_golden():
    # By hand, one cell: truth at (0.5, 0.5) of size 0.25, so its root is 0.5; class 2 of 2. Box 1 is right but for x,
    # 0.6: the image is the cell, so IoU = 0.15 / 0.35. Box 2 lies outside of it and has confidence 0.3.
    out = np.zeros((1, 1, 1, 12))
    out[0, 0, 0] = [0.6, 0.5, 0.5, 0.5, 0.5, 3, 3, 0.1, 0.1, 0.3, 0.2, 0.9]
    truth, label = np.array([[[0.5, 0.5, 0.25, 0.25]]]), np.array([[2]])
    iou = 0.15 / 0.35
    loss, dout, terms = yolo_loss(out, truth, label)
    assert terms[:5] == pytest.approx((5 * 0.01, 0, (0.5 - iou) ** 2, 0.5 * 0.09, 0.04 + 0.01))
    assert terms.wins == (1, 0)
    expected = [2 * 5 * 0.1, 0, 0, 0, 2 * (0.5 - iou), 0, 0, 0, 0, 2 * 0.5 * 0.3, 2 * 0.2, 2 * -0.1]
    np.testing.assert_allclose(dout[0, 0, 0], expected, atol=1e-12)


def batch_far_from_switches(seed):
    """A random batch in which no small step changes which box is responsible; those boxes, and the IoUs."""
    while True:
        out, cell_boxes, cell_labels = random_batch(seed)
        image, cell = np.nonzero(cell_labels)
        best, overlaps = responsible_boxes(split_outputs(out, BOXES).boxes[image, cell], cell_boxes[image, cell], GRID)
        ordered = np.sort(overlaps, axis=1)
        if (ordered[:, -1] - ordered[:, -2] > 1e-3).all():
            return (out, cell_boxes, cell_labels), best, overlaps
        seed += 100


def with_constant_iou(out, batch, best, overlaps):
    """The loss with the responsible boxes and their IoU held at what they were: what the gradient is of."""
    _, cell_boxes, cell_labels = batch
    image, cell = np.nonzero(cell_labels)
    boxes, confidences, classes = split_outputs(out, BOXES)
    truths = cell_boxes[image, cell]
    mine = boxes[image, cell, best]
    target = overlaps[np.arange(len(best)), best]
    other = np.ones(confidences.shape, bool)
    other[image, cell, best] = False
    one_hot = np.eye(CLASSES)[cell_labels[image, cell] - 1]
    total = 5 * ((mine[:, :2] - truths[:, :2]) ** 2).sum() + 5 * ((mine[:, 2:] - np.sqrt(truths[:, 2:])) ** 2).sum()
    total += ((confidences[image, cell, best] - target) ** 2).sum() + 0.5 * (confidences[other] ** 2).sum()
    return (total + ((classes[image, cell] - one_hot) ** 2).sum()) / max(1, len(best))


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_gradient(seed):
    batch, best, overlaps = batch_far_from_switches(seed)
    loss, dout, _ = yolo_loss(*batch)
    assert with_constant_iou(batch[0], batch, best, overlaps) == pytest.approx(loss)
    rng = np.random.default_rng(seed)
    assert_gradient(lambda out: with_constant_iou(out, batch, best, overlaps), [batch[0]], [dout], rng)


@pytest.mark.parametrize("term", range(5))
def test_the_gradient_of_each_term(term):
    # With a target of 1 the IoU plays no part, so the loss itself may be differenced, one sum at a time.
    (batch, _, _), options = batch_far_from_switches(7), {"confidence_target": "one"}
    columns = np.zeros(batch[0].shape, bool)
    boxes, confidences, classes = split_outputs(columns, BOXES)
    boxes[..., :2], boxes[..., 2:], confidences[...], classes[...] = term == 0, term == 1, term in (2, 3), term == 4
    _, dout, _ = yolo_loss(*batch, **options)
    assert dout[columns].any()
    sums = (term,) if term not in (2, 3) else (2, 3)

    def loss(values):
        out = batch[0].copy()
        out[columns] = values
        terms = yolo_loss(out, *batch[1:], **options)[2]
        return sum(terms[i] for i in sums)

    assert_gradient(loss, [batch[0][columns]], [dout[columns]], np.random.default_rng(0))


def test_everything_else_gets_no_gradient():
    out, cell_boxes, cell_labels = random_batch(5)
    dboxes, dconfidences, dclasses = split_outputs(yolo_loss(out, cell_boxes, cell_labels)[1], BOXES)
    empty = cell_labels == 0
    assert not dclasses[empty].any()
    assert not dboxes[empty].any()
    assert dconfidences.all()
    assert (dboxes[~empty].any(axis=2).sum(axis=1) == 1).all()


def test_no_gradient_goes_through_the_iou():
    # The loss itself does change with the box through the IoU; a gradient that followed it would be another one.
    batch, best, overlaps = batch_far_from_switches(0)
    n, i = np.argwhere(batch[2] > 0)[overlaps.max(axis=1).argmax()]
    at = n, i // GRID, i % GRID, 5 * best[overlaps.max(axis=1).argmax()] + 2  # its root of the width

    def slope(loss):
        plus, minus = batch[0].copy(), batch[0].copy()
        plus[at] += 1e-6
        minus[at] -= 1e-6
        return (loss(plus) - loss(minus)) / 2e-6

    gradient = yolo_loss(*batch)[1][at]
    assert gradient == pytest.approx(slope(lambda out: with_constant_iou(out, batch, best, overlaps)), rel=1e-6)
    assert abs(gradient - slope(lambda out: yolo_loss(out, *batch[1:])[0])) > 1e-3


PLANTED = {
    "the confidence learns 1": Rules(confidence_target="one"),
    "the other box of an object's cell is left out": Rules(other_box_of_an_object_cell=False),
}


@pytest.mark.parametrize("rules", PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_shows(rules):
    batch = random_batch(11)
    found = np.array(yolo_loss(*batch)[2][:5])
    np.testing.assert_allclose(found, by_loops(*batch))
    assert np.abs(found - by_loops(*batch, rules=rules)).max() > 1e-2


def test_a_root_of_the_output_would_be_nan():
    batch = random_batch(0)
    split_outputs(batch[0], BOXES).boxes[..., 2:] -= 0.8  # roots below 0, as an untrained network gives
    assert np.isfinite(yolo_loss(*batch)[0])
    assert np.isfinite(yolo_loss(*batch)[1]).all()
    with np.errstate(invalid="ignore"):
        assert math.isnan(by_loops(*batch, rules=Rules(root_of_the_output=True)).sum())


def test_a_batch_twice_as_large_has_the_same_loss():
    # The trap: a sum that nothing divides, so that the batch size is a learning rate.
    batch = random_batch(3)
    twice = [np.concatenate([column, column]) for column in batch]
    for divisor in ("objects", "images"):
        assert yolo_loss(*twice, divisor=divisor)[0] == pytest.approx(yolo_loss(*batch, divisor=divisor)[0])
    undivided = yolo_loss(*twice, divisor=1)[0]
    assert undivided == pytest.approx(2 * yolo_loss(*batch, divisor=1)[0])


def test_a_box_that_never_wins_is_counted_and_gets_no_box_gradient():
    out, cell_boxes, cell_labels = random_batch(1)
    boxes = split_outputs(out, BOXES).boxes
    boxes[:, :, 0] = np.concatenate([cell_boxes[..., :2], np.sqrt(cell_boxes[..., 2:])], axis=-1)
    _, dout, terms = yolo_loss(out, cell_boxes, cell_labels)
    assert terms.wins == ((cell_labels > 0).sum(), 0)
    assert not split_outputs(dout, BOXES).boxes[:, :, 1].any()


def test_a_batch_without_objects_learns_that_there_are_none():
    out, cell_boxes, cell_labels = random_batch(0, objects=0)
    loss, dout, terms = yolo_loss(out, cell_boxes, cell_labels)
    assert loss == terms.other_confidence > 0
    assert np.count_nonzero(dout) == split_outputs(dout, BOXES).confidences.size


def test_parts_of_a_batch_add_up():
    batch = random_batch(9, images=3)
    count = divisors(batch[2])
    whole = yolo_loss(*batch)
    parts = [yolo_loss(*(column[rows] for column in batch), divisor=count[rows]) for rows in (slice(0, 1), slice(1, 3))]
    assert sum(part[0] for part in parts) == pytest.approx(whole[0])
    np.testing.assert_allclose(np.concatenate([part[1] for part in parts]), whole[1], atol=1e-14)


def test_float32_stays_float32():
    out, cell_boxes, cell_labels = random_batch(0)
    dout = yolo_loss(out.astype(np.float32), cell_boxes.astype(np.float32), cell_labels)[1]
    assert dout.dtype == np.float32
    np.testing.assert_allclose(dout, yolo_loss(out, cell_boxes, cell_labels)[1], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"divisor": "batch"}, "divisor must be one of 'objects', 'images'"),
        ({"confidence_target": "two"}, "confidence_target must be 'iou' or 'one'"),
        ({"boxes_per_cell": 3}, "the shapes must be"),
    ],
)
def test_refuses_what_is_no_rule(change, words):
    with pytest.raises(ValueError, match=words):
        yolo_loss(*random_batch(0), **change)


def test_refuses_a_label_that_is_no_class():
    out, cell_boxes, cell_labels = random_batch(0)
    with pytest.raises(ValueError, match="cell_labels must be 0 to 4, but hold 0 to 5"):
        yolo_loss(out, cell_boxes, np.where(cell_labels > 0, 5, 0))
