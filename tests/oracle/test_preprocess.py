"""Resizing as OpenCV and PyTorch do it."""

import cv2
import numpy as np
import pytest
import torch

from numpyssd.images.preprocess import resize

SIZES = [(800, 1000), (37, 411), (1500, 2001), (300, 300), (600, 600), (599, 150), (1, 7), (2, 1)]


def noise(height, width):
    """The hardest image: no two pixels have anything to do with each other."""
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_opencv_in_bytes(shape):
    expected = cv2.resize(noise(*shape), (300, 300)).astype(int)
    difference = np.abs(resize(noise(*shape), 300, "opencv") - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001


@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_floats_as_opencv_and_pytorch_do(shape):
    image = noise(*shape)
    found = resize(image, 300, "float")
    np.testing.assert_allclose(found, cv2.resize(image.astype(np.float32), (300, 300)), atol=1e-3)
    tensor = torch.tensor(image).permute(2, 0, 1)[None].float()  # (1, 3, H, W)
    options = {"size": (300, 300), "mode": "bilinear", "align_corners": False, "antialias": False}
    expected = torch.nn.functional.interpolate(tensor, **options)[0].permute(1, 2, 0).numpy()
    # PyTorch finds the places in float32: at pixel 2000 they are off by 1e-4 of a pixel.
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_a_photograph_takes_a_few_milliseconds():
    image = noise(1000, 800)
    for rule in ("opencv", "float"):
        best = min(_seconds(image, rule) for _ in range(10))
        assert best < 0.02, f"{rule}: {1e3 * best:.1f} ms"


def _seconds(image, rule):
    started = cv2.getTickCount()
    resize(image, 300, rule)
    return (cv2.getTickCount() - started) / cv2.getTickFrequency()
