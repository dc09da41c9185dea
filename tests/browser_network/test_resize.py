"""Resizing in JavaScript is that of images/resize.py, in every bit with Pillow 13."""

from dataclasses import asdict, replace

import numpy as np
import PIL
import pytest

from numpyssd.config import TINY
from numpyssd.images.preprocess import preprocess
from numpyssd.images.resize import resize
from tests.browser_network.node import JavaScriptError

SIZES = [(1, 1), (3, 2), (64, 64), (64, 7), (50, 65), (129, 63), (333, 500), (700, 65), (700, 1), (40, 900)]
RULES = ("average", "opencv", "float")


def image(height, width):
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), np.uint8)


def as_image(pixels):
    return {"height": pixels.shape[0], "width": pixels.shape[1], "data": pixels}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_is_the_same(node, height, width, rule):
    pixels = image(height, width)
    found = node.call("network/resize.js", "resize", as_image(pixels), 64, rule)
    wanted = resize(pixels, 64, rule)
    assert found.dtype == wanted.dtype
    # Until Pillow 13 every image was resized along its rows first, which is a level apart for tall ones.
    is_other = rule == "average" and height > width and int(PIL.__version__.split(".")[0]) < 13
    assert np.abs(found.astype(float) - wanted.ravel()).max() <= is_other


@pytest.mark.parametrize("rule", RULES)
def test_reads_the_four_bytes_of_a_canvas(node, rule):
    pixels = image(40, 90)
    opaque = np.concatenate([pixels, np.full((40, 90, 1), 255, np.uint8)], axis=2)
    found = node.call("network/resize.js", "resize", as_image(opaque), 32, rule)
    np.testing.assert_array_equal(found, resize(pixels, 32, rule).ravel())


def test_black_and_white_stay_what_they_are(node):
    for value in (0, 255):
        pixels = np.full((100, 37, 3), value, np.uint8)
        for rule in RULES:
            assert (node.call("network/resize.js", "resize", as_image(pixels), 48, rule) == value).all()


def test_refuses_an_unknown_rule(node):
    with pytest.raises(JavaScriptError, match='must be "average", "opencv" or "float", not nearest'):
        node.call("network/resize.js", "resize", as_image(image(4, 4)), 2, "nearest")


@pytest.mark.parametrize("scale", [1.0, 1 / 58.4])
def test_the_mean_is_subtracted(node, scale):
    config = replace(TINY, mean=(123.68, 116.78, 103.94), pixel_scale=scale)
    pixels = image(64, 64)
    found = node.call("network/preprocess.js", "normalize", pixels.ravel(), asdict(config))
    np.testing.assert_array_equal(found, preprocess(pixels, config).ravel())
