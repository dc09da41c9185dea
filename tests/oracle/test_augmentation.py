"""Colors and resizing as Caffe has them, by way of the OpenCV that Caffe calls."""

import cv2
import numpy as np
import pytest

from numpyssd.images.interpolation import resize_like_opencv
from numpyssd.training.augmentation.photometric import distort, random_amounts
from numpyssd.training.augmentation.resampling import INTERPOLATIONS

MODES = (cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_NEAREST, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
NAMES = ("LINEAR", "AREA", "NEAREST", "CUBIC", "LANCZOS4")


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def photograph(height, width):
    """Noise of all sizes of grain, as in a photograph."""
    rng, out = np.random.default_rng(1), np.zeros((height, width, 3))
    for cells in (4, 8, 16, 32, 64):
        coarse = rng.normal(0, 160 / cells**0.7, (cells, cells, 3)).astype(np.float32)
        out += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + out, 0, 255).astype(np.uint8)


# ---- colors: ApplyDistort of im_transforms.cpp, with amounts that are given


def caffe_distort(image, brightness=0.0, contrast=1.0, saturation=1.0, hue=0.0, contrast_last=False):
    """Each step is Mat::convertTo on bytes, which rounds and saturates; hue is in degrees here, in steps of 2 there."""
    image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)

    def convert(plane, scale, shift):
        return np.clip(np.rint(plane.astype(np.float64) * scale + shift), 0, 255).astype(np.uint8)

    def in_hsv(image, channel, scale, shift):
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        hsv[..., channel] = convert(hsv[..., channel], scale, shift)
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)

    image = convert(image, 1, brightness)
    image = image if contrast_last else convert(image, contrast, 0)
    image = in_hsv(image, 1, saturation, 0) if saturation != 1 else image
    image = in_hsv(image, 0, 1, hue / 2) if hue else image
    image = convert(image, contrast, 0) if contrast_last else image
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def test_colors_differ_from_caffes_by_rounding_alone():
    rng, means = np.random.default_rng(0), []
    for seed in range(60):
        image = noise(64, 64, seed) if seed % 2 else photograph(96, 128)
        amounts = random_amounts(rng)
        difference = np.abs(distort(image, **amounts).astype(int) - caffe_distort(image, **amounts))
        means.append(difference.mean())
        assert np.quantile(difference, 0.99) <= 12
    assert np.mean(means) < 0.8  # levels of 255
    assert max(means) < 2.5


@pytest.mark.parametrize("amounts", [{"brightness": 31.7}, {"contrast": 1.43}, {"brightness": -20, "contrast": 0.6}])
def test_brightness_and_contrast_are_caffes_to_the_bit(amounts):
    image = noise(64, 64)
    np.testing.assert_array_equal(distort(image, **amounts), caffe_distort(image, **amounts))


@pytest.mark.parametrize("hue", [-36, -20, -2, 10, 36])
def test_reds_stop_where_opencv_stops(hue):
    reds = np.zeros((1, 120, 3), np.uint8)  # from yellow by red to magenta
    reds[..., 0], reds[0, :60, 1], reds[0, 60:, 2] = 255, np.arange(60)[::-1] * 4, np.arange(60) * 4
    wanted = caffe_distort(reds, hue=hue).astype(int)
    difference = np.abs(distort(reds, hue=hue) - wanted)
    assert (difference > 12).sum() <= 1  # OpenCV rounds 359 degrees to 0
    assert difference.mean() < 3
    if hue < -10:
        assert (np.abs(distort(reds, hue=hue, hue_wraps=True) - wanted) > 12).sum() > 15


# ---- resizing


@pytest.mark.parametrize(("name", "mode", "interpolation"), list(zip(NAMES, MODES, INTERPOLATIONS)))
@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(480, 640, 300), (300, 300, 300), (100, 120, 300), (37, 500, 300), (500, 200, 300), (600, 600, 300), (7, 9, 64),
     (1, 1, 5), (1201, 1507, 300), (60, 200, 100)],
)  # fmt: skip
def test_resizing_is_opencvs_to_a_level(name, mode, interpolation, height, width, size):
    image = noise(height, width)
    got = resize_like_opencv(image, (0, 0, width, height), size, size, interpolation).astype(int)
    wanted = cv2.resize(image, (size, size), interpolation=mode)
    assert np.abs(got - wanted).max() <= 1
    if name == "NEAREST":
        np.testing.assert_array_equal(got, wanted)
