"""iou_loss: GIoU by its definition in loops, its gradient by differences, through the coding of boxes too."""

import numpy as np
import pytest
from gradcheck import assert_gradient

from numpyssd.boxes import iou
from numpyssd.model.box_coding import encode
from numpyssd.training.iou_loss import giou_loss, giou_loss_of_offsets


def random_boxes(rng, count, spread):
    low = rng.uniform(0, spread, (count, 2))
    return np.concatenate([low, low + rng.uniform(0.1, 0.5, (count, 2))], axis=1)


def giou_by_hand(a, b):
    """1 - GIoU of two boxes, step by step."""
    inner = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return 1 - (inner / union - (around - union) / around)


def test_values_by_hand():
    box = [0.0, 0, 2, 2]
    cases = {
        (0, 0, 2, 2): 0,  # the same box
        (1, 0, 3, 2): 1 - 2 / 6,  # IoU 2 / 6, and the box around is the union
        (2, 0, 4, 2): 1,  # side by side
        (4, 0, 6, 2): 1 + 4 / 12,  # a gap of 2 x 2 in a box of 6 x 2
        (0.5, 0.5, 1.5, 1.5): 1 - 1 / 4,  # inside
    }
    loss, _ = giou_loss(np.array([box] * len(cases)), np.array(list(cases), float))
    np.testing.assert_allclose(loss, list(cases.values()), atol=1e-15)


@pytest.mark.parametrize("spread", [0.3, 3], ids=["near", "far"])
def test_it_is_its_definition_and_its_gradient(spread, rng):
    boxes, targets = random_boxes(rng, 40, spread), random_boxes(rng, 40, spread)
    overlap = np.diag(iou(boxes, targets))
    assert (overlap > 0).mean() > 0.8 if spread < 1 else (overlap == 0).mean() > 0.8
    loss, gradient = giou_loss(boxes, targets)
    np.testing.assert_allclose(loss, [giou_by_hand(a, b) for a, b in zip(boxes, targets)])
    assert ((loss > 0) & (loss < 2)).all()
    weights = rng.normal(size=40)
    assert_gradient(
        lambda boxes: float(weights @ giou_loss(boxes, targets)[0]), [boxes], [weights[:, None] * gradient], rng
    )


def test_the_gradient_goes_through_the_coding_of_boxes(rng):
    defaults = np.concatenate([rng.uniform(0.2, 0.8, (30, 2)), rng.uniform(0.1, 0.4, (30, 2))], axis=1)
    targets = encode(random_boxes(rng, 30, 0.5), defaults)
    loc = rng.normal(size=(30, 4))
    loss, gradient = giou_loss_of_offsets(loc, targets, defaults)
    assert loss.shape == (30, 1)
    weights = rng.normal(size=30)
    assert_gradient(
        lambda loc: float(weights @ giou_loss_of_offsets(loc, targets, defaults)[0][:, 0]),
        [loc], [weights[:, None] * gradient], rng,
    )  # fmt: skip
    np.testing.assert_allclose(giou_loss_of_offsets(targets, targets, defaults)[0], 0, atol=1e-14)


def test_a_step_down_the_gradient_finds_the_object(rng):
    target, box = np.array([[0.4, 0.4, 0.7, 0.8]]), np.array([[0.05, 0.1, 0.15, 0.3]])
    assert iou(box, target)[0, 0] == 0
    for step in range(400):
        box = box - 0.01 * (1 - step / 400) * giou_loss(box, target)[1]
    assert iou(box, target)[0, 0] > 0.9
