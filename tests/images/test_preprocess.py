"""numpyssd.images.preprocess: three ways to resize, each by its definition, and the input rule of a config."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from numpyssd.config import TINY
from numpyssd.images.preprocess import normalize, preprocess, resize
from numpyssd.images.resize import resize_for_test


def four_neighbors_by_loops(image, size):
    """The definition: an output pixel's center lies between four pixels' centers."""
    height, width = image.shape[:2]
    out = np.empty((size, size, 3))
    for i in range(size):
        for j in range(size):
            y = min(max((i + 0.5) * height / size - 0.5, 0), height - 1)
            x = min(max((j + 0.5) * width / size - 0.5, 0), width - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
            a, b = y - top, x - left
            upper = (1 - b) * image[top, left] + b * image[top, right]
            lower = (1 - b) * image[bottom, left] + b * image[bottom, right]
            out[i, j] = (1 - a) * upper + a * lower
    return out


@given(height=st.integers(1, 30), width=st.integers(1, 30), size=st.integers(1, 20), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=50)
def test_four_neighbors_is_its_definition(height, width, size, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    expected = four_neighbors_by_loops(image, size)
    found = resize(image, size, "float")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)
    rounded = resize(image, size, "opencv")
    assert rounded.dtype == np.uint8
    assert np.abs(rounded - expected).max() < 1.01


def test_golden():
    # cv2.resize(image, (4, 4), interpolation=cv2.INTER_LINEAR) of OpenCV 5.0, one channel; from 2 x 2.
    image = np.repeat(np.array([[0, 100], [200, 40]], np.uint8)[..., None], 3, axis=2)
    expected = [[0, 25, 75, 100], [50, 59, 76, 85], [150, 126, 79, 55], [200, 160, 80, 40]]
    np.testing.assert_array_equal(resize(image, 4, "opencv")[..., 1], expected)
    np.testing.assert_array_equal(resize(image, 4, "float")[1, :, 2], [50, 58.75, 76.25, 85])  # and of floats


def test_what_shrinks_much_is_averaged_or_not():
    """Lines one pixel wide: "average" keeps their fraction of the light; the other two see them only by chance."""
    image = np.zeros((400, 400, 3), np.uint8)
    image[:, 2::10] = 255
    assert abs(resize(image, 40, "average").mean() - 25.5) < 1
    assert resize(image, 40, "opencv").max() == 0
    assert resize(image, 40, "float").max() == 0
    np.testing.assert_array_equal(resize(image, 40), resize_for_test(image, 40))


def test_an_image_of_the_right_size_stays_as_it_is(rng):
    image = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
    for rule in ("average", "opencv", "float"):
        np.testing.assert_array_equal(resize(image, 24, rule), image)


def test_views_of_images_are_fine(rng):
    image = rng.integers(0, 256, (40, 60, 4), dtype=np.uint8)
    for view in (image[..., :3], image[::-1, ::2, :3], image[..., 2::-1]):
        for rule in ("average", "opencv", "float"):
            np.testing.assert_array_equal(resize(view, 16, rule), resize(view.copy(), 16, rule))


def test_the_whole_rule_of_a_config(rng):
    image = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
    config = replace(TINY, resize="float", mean=(10.0, 20.0, 30.0), pixel_scale=0.25)
    (found,) = preprocess(image, config)
    assert found.dtype == np.float32
    expected = (four_neighbors_by_loops(image, 64) - (10, 20, 30)) / 4
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for rule in ("average", "opencv"):
        config = replace(TINY, resize=rule)
        np.testing.assert_array_equal(preprocess(image, config)[0], normalize(resize(image, 64, rule), config))


def test_one_image_some_and_none(rng):
    images = [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((10, 90), (64, 64), (1, 1))]
    together = preprocess(images, TINY)
    assert together.shape == (3, 64, 64, 3)
    for image, row in zip(images, together):
        np.testing.assert_array_equal(preprocess(image, TINY)[0], row)
    np.testing.assert_array_equal(preprocess(iter(images), TINY), together)
    assert preprocess([], TINY).shape == (0, 64, 64, 3)


@pytest.mark.parametrize("rule", ["average", "opencv", "float"])
def test_what_is_no_image(rule):
    for wrong in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros((0, 5, 3), np.uint8)):
        with pytest.raises(ValueError, match="image must be uint8 with the shape"):
            resize(wrong, 8, rule)


def test_an_unknown_rule():
    with pytest.raises(ValueError, match="resize must be .* not 'bicubic'"):
        preprocess(np.zeros((5, 5, 3), np.uint8), replace(TINY, resize="bicubic"))


@pytest.mark.parametrize("shape", [(333, 1201, 3), (1300, 90, 3)])
def test_an_image_of_many_times_the_size_is_averaged_exactly_as_the_exported_file_says(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    plain = np.asarray(Image.fromarray(image).resize((40, 40), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(resize(image, 40), plain)
    shortcut = Image.fromarray(image).resize((40, 40), Image.Resampling.BILINEAR, reducing_gap=2.0)
    assert (np.asarray(shortcut) != plain).any()  # Pillow's shortcut gives others
