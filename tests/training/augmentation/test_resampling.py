import numpy as np
import pytest
from PIL import Image

from numpyssd.drawing import new_figure
from numpyssd.images.interpolation import resize_like_opencv
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, draw_resampling, resample


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height, width, cell):
    """An image like a photograph: neighboring pixels differ little, and few of them are at 0 or 255."""
    coarse = Image.fromarray(40 + noise(height // cell, width // cell) // 2)
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


def test_a_view_on_the_pixel_grid_is_a_plain_copy():
    image = noise(4, 4)
    part, rows, columns = resample(image, np.array([-2.0, -2, 6, 6]), 8, Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(part, image)
    assert (rows, columns) == (slice(2, 6), slice(2, 6))
    part, rows, columns = resample(image, np.array([1.0, 2, 3, 4]), 2, Image.Resampling.NEAREST)
    np.testing.assert_array_equal(part, image[2:4, 1:3])
    assert (rows, columns) == (slice(0, 2), slice(0, 2))


def test_area_resampling_equals_the_definition_by_loops():
    image, size, view = noise(24, 36), 6, np.array([6.0, 4.0, 30.0, 22.0])  # each pixel shows 4 x 3 of the image
    part, _, _ = resample(image, view, size, Image.Resampling.BOX)
    for y, x in np.ndindex(size, size):
        seen = image[4 + 3 * y : 7 + 3 * y, 6 + 4 * x : 10 + 4 * x].reshape(-1, 3)
        np.testing.assert_allclose(part[y, x], seen.mean(axis=0), atol=1.2)  # Pillow rounds twice


def test_a_pixel_shows_the_image_if_its_center_does():
    image = noise(10, 10)
    # Pixels are 2 wide. The image begins at 0 = 1.4 pixels after the view's left edge: pixel 1 has its center at 0.2.
    _, rows, columns = resample(image, np.array([-2.8, -3.2, 17.2, 16.8]), 10, Image.Resampling.BILINEAR)
    assert columns == slice(1, 6)  # centers 0.2, 2.2, ..., 8.2
    assert rows == slice(2, 7)  # centers 1.8 (-0.2 is outside), ..., 9.8


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_crop_does_not_see_its_neighbors(interpolation):
    image = np.full((60, 60, 3), 255, np.uint8)
    image[20:40, 20:40] = 50
    part, _, _ = resample(image, np.array([20.0, 20, 40, 40]), 33, interpolation)
    assert (part == 50).all()


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_fractions_of_a_pixel_are_placed_exactly(interpolation):
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (200, 200, 3))
    for x1, x2 in ((10.0, 110.0), (10.5, 90.25), (-40.0, 160.3), (20.3, 300.0)):
        part, _, columns = resample(ramp, np.array([x1, 0.0, x2, 200.0]), 50, interpolation)
        step = (x2 - x1) / 50
        centers = x1 + (np.arange(50)[columns] + 0.5) * step
        inner = (
            (centers > x1 + 3 * step) & (centers < x2 - 3 * step) & (centers > 3 * step) & (centers < 200 - 3 * step)
        )
        assert inner.sum() > 20
        np.testing.assert_allclose(part[25, inner, 0], centers[inner] - 0.5, atol=1.5)


def test_a_huge_image_is_reduced_faithfully():
    image = smooth(900, 1300, 50)
    box = (13.7, 21.2, 1290.0, 880.5)
    exact = Image.fromarray(image).resize((60, 60), Image.Resampling.BILINEAR, box=box)
    part, _, _ = resample(image, np.array(box), 60, Image.Resampling.BILINEAR)
    assert np.abs(part.astype(int) - np.asarray(exact)).mean() < 0.5


# ---- OpenCV's way


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_opencvs_way_at_the_same_size_is_a_copy(interpolation):
    image = noise(12, 16)
    np.testing.assert_array_equal(
        resample(image, np.array([2.0, 3, 12, 13]), 10, interpolation, "opencv")[0], image[3:13, 2:12]
    )


# cv2.resize of the row 0, 100, 40, 200, 160, 20, 80, 250 to a width of 3 and of 13 (OpenCV 5.0.0).
ROW = (0, 100, 40, 200, 160, 20, 80, 250)
GOLDEN = {
    "LINEAR": {
        3: (83, 180, 108),
        13: (0, 42, 98, 61, 83, 182, 180, 144, 58, 41, 78, 178, 250),
    },
    "AREA": {
        3: (48, 142, 129),
        13: (0, 38, 100, 55, 60, 200, 180, 160, 38, 35, 80, 186, 250),
    },
    "NEAREST": {
        3: (0, 40, 20),
        13: (0, 0, 100, 100, 40, 200, 200, 160, 160, 20, 80, 80, 250),
    },
    "CUBIC": {
        3: (91, 208, 110),
        13: (0, 46, 101, 48, 75, 187, 208, 143, 46, 14, 74, 184, 255),
    },
    "LANCZOS4": {
        3: (97, 220, 112),
        13: (0, 55, 99, 48, 65, 182, 220, 141, 46, 11, 73, 192, 255),
    },
}


@pytest.mark.parametrize(("name", "width", "wanted"), [(n, w, v) for n, row in GOLDEN.items() for w, v in row.items()])
def test_opencvs_way_equals_opencv(name, width, wanted):
    mode = dict(zip(("LINEAR", "AREA", "NEAREST", "CUBIC", "LANCZOS4"), INTERPOLATIONS))[name]
    image = np.repeat(np.array(ROW, np.uint8)[None, :, None], 8, axis=0).repeat(3, axis=2)
    got = resize_like_opencv(image, (0, 0, 8, 8), width, width, mode)
    assert got.dtype == np.uint8
    assert got.shape == (width, width, 3)
    np.testing.assert_allclose(got[width // 2, :, 1].astype(int), wanted, atol=1)


def test_only_area_averages():
    stripes = np.zeros((60, 60, 3), np.uint8)
    stripes[:, ::3] = 240  # a third, on average 80
    spread = {}
    for interpolation in INTERPOLATIONS:
        for rule in ("average", "opencv"):
            part, *_ = resample(stripes, np.array([0.0, 0, 60, 60]), 8, interpolation, rule)
            spread[interpolation.name, rule] = np.ptp(part.astype(int))
    assert all(spread[name, "average"] < 60 for name in ("BILINEAR", "BOX", "BICUBIC", "LANCZOS"))
    assert all(spread[name, "opencv"] > 150 for name in ("BILINEAR", "NEAREST", "BICUBIC", "LANCZOS"))
    assert spread["BOX", "opencv"] < 40


def test_the_pixels_under_the_view_are_handed_on_once():
    image, seen = noise(40, 50), []
    resample(image, np.array([10.2, 5.5, 30.9, 20.0]), 9, INTERPOLATIONS[0], before=lambda p: seen.append(p) or p)
    assert len(seen) == 1
    np.testing.assert_array_equal(seen[0], image[5:20, 10:31])
    resample(image, np.array([100.0, 100, 120, 120]), 9, INTERPOLATIONS[0], before=seen.append)  # beyond the image
    assert len(seen) == 1


def test_figure():
    _, ax = new_figure()
    draw_resampling(ax, noise(30, 40), size=8)
    assert len(ax.images) == 15
    assert {"LINEAR", "AREA", "NEAREST", "CUBIC", "LANCZOS4"} <= {text.get_text() for text in ax.texts}
