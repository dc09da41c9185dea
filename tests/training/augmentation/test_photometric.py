import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.training.augmentation import photometric
from numpyssd.training.augmentation.photometric import distort, draw_photometric, photometric_distort


def pixel(*rgb):
    return np.array([[rgb]], dtype=np.uint8)


def loops(image, brightness, contrast, saturation, hue, contrast_last, hue_wraps):
    """The definition, pixel by pixel, with the standard library's HSV and uint8 after every step."""

    def uint8(value):
        return min(max(round(value), 0), 255)

    out = np.empty_like(image)
    for y, x in np.ndindex(image.shape[:2]):
        rgb = [uint8(int(v) + brightness) for v in image[y, x]]
        if not contrast_last:
            rgb = [uint8(v * contrast) for v in rgb]
        h, s, v = colorsys.rgb_to_hsv(*[v / 255 for v in rgb])
        s = min(s * saturation, 1.0)
        h = h + hue / 360
        h = h % 1.0 if hue_wraps or h > 0 else 0.0
        rgb = [uint8(255 * v) for v in colorsys.hsv_to_rgb(h, s, v)]
        if contrast_last:
            rgb = [uint8(v * contrast) for v in rgb]
        out[y, x] = rgb
    return out


@pytest.mark.parametrize("contrast_last", [False, True])
@pytest.mark.parametrize("hue_wraps", [False, True])
def test_equals_the_definition_by_loops(contrast_last, hue_wraps):
    rng = np.random.default_rng(0)
    for _ in range(20):
        image = rng.integers(0, 256, (6, 7, 3), dtype=np.uint8)
        amounts = rng.uniform([-32, 0.5, 0.5, -36], [32, 1.5, 1.5, 36])
        got = distort(image, *amounts, contrast_last, hue_wraps)
        wanted = loops(image, *amounts, contrast_last, hue_wraps)
        difference = np.abs(got.astype(int) - wanted)
        # A step of Pillow's hue moves a channel by up to 6 levels; it is cut off once, and half a step is rounded off
        # the shift; a contrast of 1.5 comes on top.
        assert difference.max() <= 14
        assert difference.mean() < 2


@pytest.mark.parametrize("contrast_last", [False, True])
def test_brightness_and_contrast_are_exact(contrast_last):
    image = np.arange(768, dtype=np.uint32).reshape(16, 16, 3).astype(np.uint8)
    for brightness, contrast in [(32, 0.5), (-32, 1.5), (13.3, 0.777)]:
        got = distort(image, brightness, contrast, contrast_last=contrast_last)
        lighter = np.clip(np.rint(image + np.float64(brightness)), 0, 255)
        np.testing.assert_array_equal(got, np.clip(np.rint(lighter * contrast), 0, 255))


@pytest.mark.parametrize(
    ("before", "amounts", "after"),
    [
        ((250, 10, 100), {"brightness": 32}, (255, 42, 132)),
        ((250, 10, 100), {"brightness": -32}, (218, 0, 68)),
        ((200, 100, 0), {"contrast": 1.5}, (255, 150, 0)),
        ((200, 100, 0), {"brightness": 100, "contrast": 0.5}, (128, 100, 50)),  # 300 saturates at 255 in between
        ((255, 0, 0), {"saturation": 0.5}, (255, 128, 128)),
        ((90, 90, 90), {"saturation": 1.5, "hue": 36}, (90, 90, 90)),  # gray has no color to change
        ((255, 0, 0), {"hue": 60}, (255, 255, 0)),
        ((0, 255, 0), {"hue": -60}, (255, 255, 0)),
        ((255, 0, 0), {"hue": 36}, (255, 153, 0)),
        ((255, 0, 0), {"hue": -36}, (255, 0, 0)),  # Caffe's uint8 stops at 0
        ((255, 128, 0), {"hue": -36}, (255, 0, 0)),  # 30 degrees - 36: at 0 as well
        ((255, 128, 0), {"hue": -18}, (255, 51, 0)),
        ((255, 0, 0), {"hue": -36, "hue_wraps": True}, (255, 0, 153)),
        ((255, 128, 0), {"hue": -36, "hue_wraps": True}, (255, 0, 26)),
        ((255, 0, 64), {"hue": 36}, (255, 89, 0)),  # 345 degrees + 36 = 21
    ],
)
def test_by_hand(before, amounts, after):
    np.testing.assert_allclose(distort(pixel(*before), **amounts)[0, 0].astype(int), after, atol=6)


def test_the_order_of_contrast_matters():
    image = pixel(250, 100, 30)
    first = distort(image, contrast=1.5, saturation=0.5)
    last = distort(image, contrast=1.5, saturation=0.5, contrast_last=True)
    # First: (255, 150, 45), whose half saturation is (255, 203, 150). Last: (250, 175, 140) times 1.5.
    np.testing.assert_allclose(first[0, 0], (255, 203, 150), atol=3)
    np.testing.assert_allclose(last[0, 0], (255, 255, 210), atol=4)


def test_nothing_to_do_changes_no_level():
    image = np.random.default_rng(0).integers(0, 256, (9, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(distort(image), image)
    np.testing.assert_array_equal(photometric_distort(image, np.random.default_rng(0), probability=0), image)


def test_amounts_are_caffes(monkeypatch):
    calls = []
    monkeypatch.setattr(photometric, "distort", lambda image, **amounts: calls.append(amounts))
    rng = np.random.default_rng(0)
    for _ in range(2000):
        photometric_distort(pixel(1, 2, 3), rng)
    ranges = {"brightness": (-32, 32), "contrast": (0.5, 1.5), "saturation": (0.5, 1.5), "hue": (-36, 36)}
    for name, (low, high) in ranges.items():
        drawn = np.array([c[name] for c in calls if name in c])
        assert abs(len(drawn) / len(calls) - 0.5) < 0.05, name  # 4.5 standard deviations
        assert low <= drawn.min() < low + 0.02 * (high - low), name
        assert high - 0.02 * (high - low) < drawn.max() <= high, name
        assert abs(drawn.mean() - (low + high) / 2) < 0.05 * (high - low), name
    assert abs(np.mean([c["contrast_last"] for c in calls]) - 0.5) < 0.05
    both = np.mean([("hue" in c) and ("saturation" in c) for c in calls])
    assert abs(both - 0.25) < 0.05  # independent coins


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32))
def test_any_size_stays_uint8_and_the_input_is_left_alone(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = image.copy()
    out = photometric_distort(image, np.random.default_rng(seed))
    assert out.dtype == np.uint8
    assert out.shape == image.shape
    assert out.flags.writeable
    assert not np.shares_memory(out, image)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(out, photometric_distort(image, np.random.default_rng(seed)))


def test_a_view_with_strides_is_read_correctly():
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    view = image[::2, ::-1]
    np.testing.assert_array_equal(distort(view, 5, 1.2, 0.8, 20), distort(view.copy(), 5, 1.2, 0.8, 20))


def test_no_channels_are_exchanged():
    rng = np.random.default_rng(0)
    image = pixel(200, 120, 40)  # hue 30 degrees: 36 to either side keeps blue or green behind red, never red last
    assert all(photometric_distort(image, rng)[0, 0].argmin() != 0 for _ in range(300))
    options = {"probability": 0, "shuffle_probability": 0.5}  # unless asked for
    seen = [tuple(photometric_distort(image, rng, **options)[0, 0].tolist()) for _ in range(1200)]
    assert abs(seen.count((200, 120, 40)) / 1200 - (0.5 + 0.5 / 6)) < 0.065
    assert len(set(seen)) == 6


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)],
)
def test_wrong_image_is_named(image):
    with pytest.raises(ValueError, match=r"image must be uint8 .*\(H, W, 3\)"):
        photometric_distort(image, np.random.default_rng(0))


def test_figure():
    _, ax = new_figure()
    draw_photometric(ax, np.full((20, 30, 3), (200, 120, 40), np.uint8))
    assert len(ax.images) == 25
    assert {"brightness", "contrast", "saturation", "hue"} <= {t.get_text() for t in ax.texts}
