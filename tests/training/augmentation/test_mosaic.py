"""mosaic: every pixel and every box comes from where it should, and nothing that is seen loses its box."""

import numpy as np
import pytest

from numpyssd.datasets.dataset import Sample
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.training.augmentation.mosaic import CENTER, mosaic

COLORS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], np.uint8)


def one_colored(size, color, box=None, label=1, difficult=False):
    """Return a gray sample of a (width, height) with one box of a color, by default in its middle half."""
    width, height = size
    box = np.array([width // 4, height // 4, width * 3 // 4, height * 3 // 4] if box is None else box)
    image = np.full((height, width, 3), 90, np.uint8)
    x1, y1, x2, y2 = box
    image[y1:y2, x1:x2] = color
    return Sample(image, box[None], np.array([label]), np.array([difficult]))


def four(sizes=((160, 120), (80, 200), (64, 64), (300, 90))):
    return [one_colored(size, c, None, n + 1, n == 2) for n, (size, c) in enumerate(zip(sizes, COLORS))]


@pytest.mark.parametrize("seed", range(30))
def test_the_boxes_are_where_the_colors_are(seed):
    made = mosaic(four(), 128, np.random.default_rng(seed))
    assert made.image.shape == (128, 128, 3)
    assert (made.boxes.dtype, made.labels.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(made.difficult, made.labels == 3)
    for box, label in zip(made.boxes, made.labels):
        near = (np.abs(made.image.astype(int) - COLORS[label - 1]) < 60).all(axis=2)
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        np.testing.assert_allclose(box, seen, atol=2.5)  # a pixel of the smallest image is 2 of the mosaic
    for label, color in enumerate(COLORS, start=1):
        if label not in made.labels:  # its center is outside; of a rectangle less than half of each side is left
            assert (made.image == color).all(axis=2).mean() < 0.25


def test_four_parts_meet_at_one_place():
    plain = [Sample(np.full((50, 70, 3), c, np.uint8), np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, bool))
             for c in COLORS]  # fmt: skip
    for seed in range(10):
        made = mosaic(plain, 100, np.random.default_rng(seed))
        x = int((made.image[0] == COLORS[0]).all(axis=1).sum())
        y = int((made.image[:, 0] == COLORS[0]).all(axis=1).sum())
        assert CENTER[0] * 100 <= min(x, y)
        assert max(x, y) <= CENTER[1] * 100
        for part, color in zip(
            (made.image[:y, :x], made.image[:y, x:], made.image[y:, :x], made.image[y:, x:]), COLORS
        ):
            assert (part == color).all()
        assert made.boxes.shape == (0, 4)


def test_the_ratio_of_the_sides_stays():
    # A square stays one, though no part of the mosaic and no image is one.
    for seed in range(20):
        square = one_colored((300, 150), COLORS[0], [140, 65, 160, 85])
        others = four()[1:]
        made = mosaic([square, *others], 400, np.random.default_rng(seed))
        for box in made.boxes[made.labels == 1]:
            sides = box[2:] - box[:2]
            if (box[:2] > 1).all():  # and it is not cut at the edge of the part
                assert sides.max() / sides.min() < 1.6
                break


def test_the_same_state_gives_the_same_mosaic_and_the_samples_stay():
    samples = [ShapesDataset(4)[i] for i in range(4)]
    before = [sample.image.copy() for sample in samples]
    first, second, other = (mosaic(samples, 96, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.boxes, second.boxes)
    assert not np.array_equal(first.image, other.image)
    for sample, image in zip(samples, before):
        np.testing.assert_array_equal(sample.image, image)


def test_images_of_one_pixel_and_very_flat_ones():
    flat = [one_colored(size, COLORS[0], [0, 0, size[0], size[1]]) for size in ((1, 1), (1, 500), (500, 1), (2, 3))]
    for seed in range(5):
        made = mosaic(flat, 60, np.random.default_rng(seed))
        assert (made.boxes >= 0).all()
        assert (made.boxes <= 60).all()
