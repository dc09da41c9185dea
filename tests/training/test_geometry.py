import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.training.geometry import (
    MIN_IOUS,
    MIN_SIDE,
    boxes_in_view,
    crop,
    crop_candidates,
    draw_crops,
    flip,
    flip_vertical,
    rotate90,
    zoom_out,
)

IMAGE = np.array([0.0, 0.0, 640.0, 480.0])
# Two objects far apart: no crop can overlap both by much, so "any one" and "all" are different rules.
CORNERS = np.array([[0.0, 0.0, 256.0, 192.0], [384.0, 288.0, 640.0, 480.0]])
EVERYTHING = IMAGE[None]  # an object that fills the image: all seven samplers can succeed


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def crop_by_loops(view, boxes, rng, min_iou, min_scale=0.3, trials=50):
    """The definition: one sampler, one trial after the other."""
    for _ in range(trials):
        scale = rng.uniform(min_scale, 1)
        ratio = min(max(rng.uniform(0.5, 2), scale**2), 1 / scale**2)
        width, height = min(scale * ratio**0.5, 1), min(scale / ratio**0.5, 1)
        x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
        w, h = view[2] - view[0], view[3] - view[1]
        candidate = [view[0] + x * w, view[1] + y * h, view[0] + (x + width) * w, view[1] + (y + height) * h]
        if any(overlap(candidate, box) >= min_iou for box in boxes):
            return candidate
    return None


def many(view, boxes, draws, seed=0, **options):
    rng = np.random.default_rng(seed)
    crops, succeeded = zip(*(crop_candidates(view, boxes, rng, **options) for _ in range(draws)))
    return np.array(crops), np.array(succeeded)  # (D, 7, 4), (D, 7)


# ---- zoom-out


def test_zoom_out_is_up_to_four_times_per_side():
    rng = np.random.default_rng(0)
    views = np.array([zoom_out(640, 480, rng, probability=1) for _ in range(4000)])
    sides = (views[:, 2:] - views[:, :2]) / (640, 480)
    np.testing.assert_allclose(sides[:, 0], sides[:, 1])
    ratio = sides[:, 0]
    assert 1 <= ratio.min() < 1.02
    assert 3.98 < ratio.max() <= 4
    assert abs(ratio.mean() - 2.5) < 0.06  # uniform in the side: standard deviation 0.87 / 63
    assert views[:, :2].max() <= 0  # the image is inside
    assert (views[:, 2:] >= (640, 480)).all()
    place = -views[:, :2] / ((sides - 1) * (640, 480))  # 0: at the left or upper edge, 1: at the other
    np.testing.assert_allclose(place.mean(axis=0), 0.5, atol=0.025)
    assert abs(np.corrcoef(place.T)[0, 1]) < 0.06


def test_zoom_out_half_of_the_time():
    rng = np.random.default_rng(0)
    unchanged = np.mean([np.array_equal(zoom_out(640, 480, rng), IMAGE) for _ in range(2000)])
    assert abs(unchanged - 0.5) < 0.05


def test_zoom_out_can_be_switched_off():
    rng = np.random.default_rng(0)
    for options in ({"max_ratio": 1.0, "probability": 1.0}, {"probability": 0.0}):
        np.testing.assert_array_equal(zoom_out(640, 480, rng, **options), IMAGE)


# ---- crops


def test_the_iou_constraint_is_active():
    """The commonest bug of the ports: a condition that is never true, so that every crop is accepted."""
    crops, succeeded = many(IMAGE, CORNERS, 400)
    for sampler, min_iou in enumerate(MIN_IOUS, start=1):
        best = [max(overlap(c, box) for box in CORNERS) for c in crops[succeeded[:, sampler], sampler]]
        assert min(best, default=1) >= min_iou - 1e-12
    free = np.array([max(overlap(c, box) for box in CORNERS) for c in crops[:, 6]])
    assert (free < 0.1).mean() > 0.1  # without the constraint, many crops would break even the weakest
    assert succeeded[:, 2].mean() > 0.95
    assert succeeded[:, 5].mean() < 0.2  # 0.9 is seldom met, and then the sampler must say so


def test_any_one_object_is_enough():
    crops, succeeded = many(IMAGE, CORNERS, 400)
    found = crops[succeeded[:, 3], 3]  # IoU of at least 0.5
    both = np.array([[overlap(c, box) for box in CORNERS] for c in found])
    assert len(found) > 150
    assert (both.min(axis=1) < 0.3).all()  # so no crop here would satisfy "all"
    assert abs((both[:, 0] > both[:, 1]).mean() - 0.5) < 0.12  # neither object is preferred


def test_the_whole_view_and_shapes():
    crops, succeeded = many(IMAGE, EVERYTHING, 500)
    np.testing.assert_array_equal(crops[:, 0], np.broadcast_to(IMAGE, (500, 4)))
    assert succeeded[:, 0].all()
    assert succeeded[:, 6].all()
    free = crops[:, 6] / np.tile(IMAGE[2:], 2)
    sides = free[:, 2:] - free[:, :2]
    scale, ratio = np.sqrt(sides.prod(axis=1)), sides[:, 0] / sides[:, 1]
    assert 0.3 <= scale.min() < 0.33
    assert 0.97 < scale.max() <= 1
    assert abs(scale.mean() - 0.65) < 0.04
    assert ratio.min() >= 0.5 - 1e-9
    assert ratio.max() <= 2 + 1e-9
    assert ratio.min() < 0.6
    assert ratio.max() > 1.8
    # Below a scale of 0.7 both sides fit, and the ratio is uniform, not its logarithm: wide more often than high.
    assert abs(ratio[scale < 0.7].mean() - 1.25) < 0.09
    assert (free[:, :2] >= 0).all()
    assert (free[:, 2:] <= 1 + 1e-12).all()


@pytest.mark.parametrize("min_iou", [0.3, 0.5])
def test_distribution_equals_the_definition_by_loops(min_iou):
    sampler = 1 + MIN_IOUS.index(min_iou)
    boxes = np.array([[64.0, 96.0, 384.0, 400.0], [400.0, 30.0, 600.0, 200.0]])
    view = np.array([-100.0, -50.0, 700.0, 500.0])
    crops, succeeded = many(view, boxes, 1000, seed=1)
    rng = np.random.default_rng(2)
    wanted = [crop_by_loops(view, boxes, rng, min_iou) for _ in range(600)]
    found = np.array([c for c in wanted if c is not None])
    assert abs(succeeded[:, sampler].mean() - len(found) / len(wanted)) < 0.05
    got = crops[succeeded[:, sampler], sampler]
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        np.testing.assert_allclose(np.quantile(got, level, axis=0), np.quantile(found, level, axis=0), atol=35)


def test_choice_is_uniform_among_those_that_succeeded():
    rng = np.random.default_rng(0)
    whole = np.mean([np.array_equal(crop(IMAGE, EVERYTHING, rng), IMAGE) for _ in range(3000)])
    _, succeeded = many(IMAGE, EVERYTHING, 500)
    expected = (1 / succeeded.sum(axis=1)).mean()
    assert 1 / 7 <= expected < 1 / 6.5
    assert abs(whole - expected) < 0.029  # 4.5 standard deviations
    # Each of the seven, by giving them limits that tell them apart.
    options = {"min_ious": (0.0,) * 5}
    counts = np.zeros(7)
    for seed in range(1000):
        crops, _ = crop_candidates(IMAGE, EVERYTHING, np.random.default_rng(seed), **options)
        chosen = crop(IMAGE, EVERYTHING, np.random.default_rng(seed), **options)
        counts += (crops == chosen).all(axis=1)
    assert counts.sum() == 1000
    assert np.abs(counts - 1000 / 7).max() < 4.5 * np.sqrt(1000 * 6 / 49)


@pytest.mark.parametrize("boxes", [np.array([[300.0, 200.0, 310.0, 210.0]]), np.zeros((0, 4))])
def test_where_no_iou_is_possible_the_whole_and_the_free_crop_remain(boxes):
    rng = np.random.default_rng(0)
    _, succeeded = crop_candidates(IMAGE, boxes, rng)
    np.testing.assert_array_equal(succeeded, [True, False, False, False, False, False, True])
    whole = np.mean([np.array_equal(crop(IMAGE, boxes, rng), IMAGE) for _ in range(1500)])
    assert abs(whole - 0.5) < 0.06


def test_more_trials_find_more():
    few, enough = (many(IMAGE, EVERYTHING, 200, trials=t)[1][:, 5].mean() for t in (1, 50))
    assert few < 0.2  # an area of at least 0.9 takes a scale of at least 0.95: 7 %
    assert enough > 0.9


def test_min_scale_is_respected():
    crops, _ = many(IMAGE, EVERYTHING, 200, min_scale=0.9)
    area = ((crops[:, :, 2] - crops[:, :, 0]) * (crops[:, :, 3] - crops[:, :, 1]) / (640 * 480))[:, 6]
    assert area.min() >= 0.81 - 1e-9
    crops, _ = many(IMAGE, EVERYTHING, 20, min_scale=1.0)
    np.testing.assert_allclose(crops[:, 6], np.broadcast_to(IMAGE, (20, 4)), atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_crops_stay_in_a_view_that_is_larger_than_the_image(seed, objects):
    rng = np.random.default_rng(seed)
    view = zoom_out(640, 480, rng, probability=1)
    corners = rng.uniform(0, 400, (objects, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 80, (objects, 2))], axis=1)
    crops, succeeded = crop_candidates(view, boxes, rng)
    assert succeeded[[0, 6]].all()
    slack = 1e-9 * (view[2] - view[0])
    assert (crops[:, :2] >= view[:2] - slack).all()
    assert (crops[:, 2:] <= view[2:] + slack).all()


# ---- boxes


def test_boxes_in_view_by_hand():
    view = np.array([100.0, 50.0, 300.0, 150.0])  # 200 wide, 100 high
    boxes = np.array([
        [120.0, 60.0, 160.0, 100.0],  # inside
        [0.0, 0.0, 190.0, 120.0],  # centre (95, 60): outside
        [50.0, 40.0, 250.0, 120.0],  # centre (150, 80): inside, cut left and top
        [290.0, 60.0, 310.0, 140.0],  # centre on the edge: inside
        [400.0, 400.0, 500.0, 500.0],
    ])  # fmt: skip
    got, kept = boxes_in_view(boxes, view)
    np.testing.assert_array_equal(kept, [0, 2, 3])
    np.testing.assert_allclose(got, [[0.1, 0.1, 0.3, 0.5], [0, 0, 0.75, 0.7], [0.95, 0.1, 1, 0.9]], rtol=1e-6)
    assert got.dtype == np.float32


def test_a_box_too_thin_to_train_on_is_dropped():
    view = np.array([0.0, 0.0, 1000.0, 1000.0])
    boxes = np.array(
        [[10, 10, 10.5, 500], [10, 10, 500, 10.5], [10, 10, 11.5, 500], [20, 20, 20, 20], [30, 30, 20, 20.0]]
    )
    got, kept = boxes_in_view(boxes, view)
    np.testing.assert_array_equal(kept, [2])
    assert (got[:, 2:] - got[:, :2] >= MIN_SIDE).all()


def test_no_boxes_keep_their_two_dimensions():
    got, kept = boxes_in_view(np.zeros((0, 4), np.float32), IMAGE)
    assert got.shape == (0, 4)
    assert kept.shape == (0,)
    got, kept = boxes_in_view(CORNERS, np.array([1000.0, 1000.0, 1100.0, 1100.0]))
    assert got.shape == (0, 4)
    assert kept.shape == (0,)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32))
def test_centre_rule_equals_the_definition_by_loops(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-50, 600, (30, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(5, 300, (30, 2))], axis=1)
    view = np.array([*rng.uniform(0, 200, 2), *rng.uniform(300, 640, 2)])
    got, kept = boxes_in_view(boxes, view)
    wanted = [
        i for i, (x1, y1, x2, y2) in enumerate(boxes)
        if view[0] <= (x1 + x2) / 2 <= view[2] and view[1] <= (y1 + y2) / 2 <= view[3]
    ]  # fmt: skip
    np.testing.assert_array_equal(kept, wanted)
    back = got * np.tile(view[2:] - view[:2], 2) + np.tile(view[:2], 2)
    inside = np.concatenate([np.maximum(boxes[kept, :2], view[:2]), np.minimum(boxes[kept, 2:], view[2:])], axis=1)
    np.testing.assert_allclose(back, inside, atol=1e-3)


# ---- flips and turns


def test_flips_and_turns_by_hand():
    image = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    boxes = np.array([[0.1, 0.2, 0.4, 0.8]])
    flipped, new = flip(image, boxes)
    np.testing.assert_allclose(new, [[0.6, 0.2, 0.9, 0.8]])
    np.testing.assert_array_equal(flipped[0, 0], image[0, 2])
    flipped, new = flip_vertical(image, boxes)
    np.testing.assert_allclose(new, [[0.1, 0.2, 0.4, 0.8]])  # symmetric: 1 - 0.8 = 0.2
    np.testing.assert_array_equal(flipped[0, 0], image[2, 0])
    _, new = flip_vertical(image, np.array([[0.1, 0.0, 0.4, 0.3]]))
    np.testing.assert_allclose(new, [[0.1, 0.7, 0.4, 1.0]])
    turned, new = rotate90(image, boxes)
    np.testing.assert_allclose(new, [[0.2, 0.6, 0.8, 0.9]])  # the left side becomes the bottom
    np.testing.assert_array_equal(turned[2, 0], image[0, 0])


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5])
def test_a_turned_box_is_on_the_turned_pixels(turns):
    image = np.zeros((10, 10, 3), np.uint8)
    image[2:8, 1:4] = 255
    turned, boxes = rotate90(image, np.array([[0.1, 0.2, 0.4, 0.8]]), turns)
    rows, columns = np.nonzero(turned[:, :, 0])
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(boxes[0] * 10, found, atol=1e-12)


def test_twice_flipped_or_four_times_turned_is_nothing():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
    boxes = np.sort(rng.random((4, 2, 2)), axis=1).reshape(4, 4)
    for change, times in ((flip, 2), (flip_vertical, 2), (rotate90, 4)):
        new_image, new_boxes = image, boxes
        for _ in range(times):
            new_image, new_boxes = change(new_image, new_boxes)
        np.testing.assert_array_equal(new_image, image)
        np.testing.assert_allclose(new_boxes, boxes, atol=1e-12)
        assert change(image, np.zeros((0, 4), np.float32))[1].shape == (0, 4)


def test_picture():
    _, axes = new_figure(1, 2)
    draw_crops(axes, np.zeros((480, 640, 3), np.uint8), EVERYTHING, draws=20)
    assert len(axes[0].patches) >= 1 + 5  # the object, and at least five crops
    assert sum(patch.get_height() for patch in axes[1].patches) >= 20 * 5
