import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.training.augmentation.geometry import (
    MIN_SIDE,
    boxes_in_view,
    draw_geometry,
    flip,
    flip_vertical,
    rotate90,
    zoom_out,
)

IMAGE = np.array([0.0, 0.0, 640.0, 480.0])
CORNERS = np.array([[0.0, 0.0, 256.0, 192.0], [384.0, 288.0, 640.0, 480.0]])


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


# ---- boxes


def test_boxes_in_view_by_hand():
    view = np.array([100.0, 50.0, 300.0, 150.0])  # 200 wide, 100 high
    boxes = np.array([
        [120.0, 60.0, 160.0, 100.0],  # inside
        [0.0, 0.0, 190.0, 120.0],  # center (95, 60): outside
        [50.0, 40.0, 250.0, 120.0],  # center (150, 80): inside, cut left and top
        [290.0, 60.0, 310.0, 140.0],  # center on the edge: inside
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
def test_center_rule_equals_the_definition_by_loops(seed):
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
    rotated, new = rotate90(image, boxes)
    np.testing.assert_allclose(new, [[0.2, 0.6, 0.8, 0.9]])  # the left side becomes the bottom
    np.testing.assert_array_equal(rotated[2, 0], image[0, 0])


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5])
def test_a_turned_box_is_on_the_turned_pixels(turns):
    image = np.zeros((10, 10, 3), np.uint8)
    image[2:8, 1:4] = 255
    rotated, boxes = rotate90(image, np.array([[0.1, 0.2, 0.4, 0.8]]), turns)
    rows, columns = np.nonzero(rotated[:, :, 0])
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


def test_figure():
    _, ax = new_figure()
    draw_geometry(ax, np.zeros((48, 64, 3), np.uint8), CORNERS / 10, size=20)
    assert len(ax.images) == 12
    assert len(ax.patches) == 12 * (1 + 2)  # a frame and two objects each
