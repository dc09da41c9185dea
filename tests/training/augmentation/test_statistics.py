"""10,000 draws against the distributions that the rule gives: each tolerance is 5 standard deviations of the draws."""

import numpy as np
import pytest

from benchmarks.augmentation_statistics import SAMPLERS, draw_statistics, statistics, table
from numpyssd.drawing import new_figure
from numpyssd.training.augmentation import pipeline as augmentation
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS
from numpyssd.training.augmentation.geometry import zoom_out
from numpyssd.training.augmentation.pipeline import augment
from numpyssd.training.augmentation.resampling import INTERPOLATIONS

DRAWS = 10_000
WIDTH, HEIGHT = 640, 480
# An object that fills the image: a crop's IoU with it is the crop's fraction of the area, scale squared.
EVERYTHING = np.array([[0.0, 0.0, WIDTH, HEIGHT]])
FREE = 6


def assert_fraction(found, probability):
    """Whether a fraction of the booleans ``found`` is as likely as ``probability``."""
    tolerance = 5 * np.sqrt(probability * (1 - probability) / len(found)) + 1e-12
    assert abs(np.mean(found) - probability) <= tolerance, (np.mean(found), probability, tolerance)


def assert_uniform(found, low, high):
    """Kolmogorov's test: how far the fraction below each value is from that of a uniform distribution."""
    found = np.sort((np.asarray(found) - low) / (high - low))
    assert found[0] >= -1e-9
    assert found[-1] <= 1 + 1e-9
    n = len(found)
    distance = max(np.max(np.arange(1, n + 1) / n - found), np.max(found - np.arange(n) / n))
    assert distance < 2.74 / np.sqrt(n), (distance, n)  # as rare as 5 standard deviations: 2 exp(-2 x 2.74²)


@pytest.fixture(scope="module")
def found():
    return statistics(WIDTH, HEIGHT, EVERYTHING, np.random.default_rng(0), DRAWS, zoom_out_probability=0)


def test_the_checks_see_what_they_look_for():
    rng = np.random.default_rng(0)
    assert_uniform(rng.uniform(2, 3, DRAWS), 2, 3)
    assert_fraction(rng.random(DRAWS) < 0.3, 0.3)
    for wrong in (rng.uniform(2, 2.9, DRAWS), 2 + rng.random(DRAWS) ** 1.2, rng.uniform(1.99, 3, DRAWS)):
        with pytest.raises(AssertionError):
            assert_uniform(wrong, 2, 3)
    with pytest.raises(AssertionError):
        assert_fraction(rng.random(DRAWS) < 0.33, 0.3)


# ---- crops


def test_scale_is_a_factor_of_the_side_from_0_3(found):
    assert_uniform(found.scale[:, FREE], 0.3, 1)


def test_ratio_is_uniform_from_a_half_to_2_and_cut_to_where_both_sides_fit(found):
    scale, ratio = found.scale[:, FREE], found.ratio[:, FREE]
    low, high = np.maximum(0.5, scale**2), np.minimum(2, scale**-2)
    assert (ratio >= low - 1e-9).all()
    assert (ratio <= high + 1e-9).all()
    # Above a scale of sqrt(1/2) a ratio between 1/2 and scale squared is cut to it: the crop is as high as the view.
    s = np.linspace(np.sqrt(0.5), 1, 10_001)
    assert_fraction(ratio - low < 1e-9, np.mean((s**2 - 0.5) / 1.5) * (1 - np.sqrt(0.5)) / 0.7)
    assert_fraction(high - ratio < 1e-9, np.mean((2 - s**-2) / 1.5) * (1 - np.sqrt(0.5)) / 0.7)
    between = (ratio - low > 1e-9) & (high - ratio > 1e-9)
    assert_uniform((ratio - low)[between] / (high - low)[between], 0, 1)
    # ... of the ratio, not of its logarithm
    assert_fraction(ratio[scale < 0.7] < 1, 1 / 3)


def test_place_is_uniform(found):
    room = 1 - found.sides[:, FREE]
    for axis in (0, 1):
        loose = room[:, axis] > 1e-6
        assert_uniform(found.corners[loose, FREE, axis] / room[loose, axis], 0, 1)


@pytest.mark.parametrize(("sampler", "min_iou"), list(enumerate(MIN_IOUS, start=1)))
def test_accept_rate_and_what_is_accepted(found, sampler, min_iou):
    least = max(0.3, np.sqrt(min_iou))
    once = (1 - least) / 0.7  # a scale at least the root of the IoU
    rows = found.accepted[:, sampler]
    assert_fraction(rows, 1 - (1 - once) ** 50)
    np.testing.assert_allclose(found.best_iou[rows, sampler], found.scale[rows, sampler] ** 2, rtol=1e-6)
    assert_uniform(found.scale[rows, sampler], least, 1)


def test_accept_rate_of_few_trials():
    few = statistics(WIDTH, HEIGHT, EVERYTHING, np.random.default_rng(1), 2000, zoom_out_probability=0, trials=3)
    for sampler, min_iou in enumerate(MIN_IOUS, start=1):
        assert_fraction(few.accepted[:, sampler], 1 - ((max(0.3, np.sqrt(min_iou)) - 0.3) / 0.7) ** 3)


def test_choice_is_uniform_among_those_that_found_one(found):
    how_many = found.accepted.sum(axis=1)
    for sampler in range(7):
        expected = np.where(found.accepted[:, sampler], 1 / how_many, 0)
        tolerance = 5 * np.sqrt((expected * (1 - expected)).sum())
        assert abs((found.chosen == sampler).sum() - expected.sum()) < tolerance
    assert found.accepted[np.arange(DRAWS), found.chosen].all()


def test_no_object_shares_its_center_with_every_crop():
    # One object in the corner, a quarter of the image: an IoU of 0.1 without its center is possible, and is taken.
    corner = np.array([[0.0, 0.0, WIDTH / 2, HEIGHT / 2]])
    few = statistics(WIDTH, HEIGHT, corner, np.random.default_rng(2), 1000, zoom_out_probability=0)
    without = (few.objects == 0) & few.accepted
    assert few.accepted[:, 1].mean() > 0.99
    assert 0.05 < without[:, 1].mean() < 0.5
    assert not without[:, 0].any()
    assert without[:, FREE].mean() > 0.3
    np.testing.assert_array_equal(few.objects[:, 0], 1)


# ---- zoom-out


def test_zoom_out():
    rng = np.random.default_rng(3)
    views = np.array([zoom_out(WIDTH, HEIGHT, rng) for _ in range(DRAWS)])
    ratio = (views[:, 2] - views[:, 0]) / WIDTH
    np.testing.assert_allclose((views[:, 3] - views[:, 1]) / HEIGHT, ratio)
    zoomed = ratio > 1
    assert_fraction(zoomed, 0.5)
    assert_uniform(ratio[zoomed], 1, 4)  # the side, not the area
    for axis, length in enumerate((WIDTH, HEIGHT)):
        assert_uniform(-views[zoomed, axis] / ((ratio[zoomed] - 1) * length), 0, 1)


# ---- colors


@pytest.mark.parametrize(
    ("name", "low", "high"),
    # hue_delta 18 of ssd_pascal.py counts OpenCV's steps of 2 degrees
    [("brightness", -32, 32), ("contrast", 0.5, 1.5), ("saturation", 0.5, 1.5), ("hue", -2 * 18, 2 * 18)],
)
def test_colors(found, name, low, high):
    assert_fraction([name in amounts for amounts in found.amounts], 0.5)
    assert_uniform([amounts[name] for amounts in found.amounts if name in amounts], low, high)


def test_the_changes_of_color_are_independent(found):
    assert_fraction([amounts["contrast_last"] for amounts in found.amounts], 0.5)
    names = ("brightness", "contrast", "saturation", "hue")
    for i, one in enumerate(names):
        for other in names[:i]:
            assert_fraction([{one, other} <= set(amounts) for amounts in found.amounts], 0.25)
    assert_fraction([set(amounts) == {"contrast_last"} for amounts in found.amounts], 1 / 16)


# ---- the rest


def test_interpolation_and_flip(monkeypatch):
    used = []

    def note(image, view, size, interpolation, *rest):
        used.append(interpolation)
        return image, slice(0, 2), slice(0, 2)

    monkeypatch.setattr(augmentation, "resample", note)
    image, rng = np.arange(12, dtype=np.uint8).reshape(2, 2, 3), np.random.default_rng(4)
    options = {"crop_probability": 0, "distort_probability": 0}
    empty = np.zeros((0, 4)), np.zeros(0, int)
    first = [int(augment(image, *empty, 2, rng, **options)[0][0, 0, 0]) for _ in range(DRAWS)]
    for interpolation in INTERPOLATIONS:
        assert_fraction(np.array(used) == interpolation, 0.2)
    assert_fraction(np.array(first) == 3, 0.5)  # the right one came to the left
    assert set(first) == {0, 3}


# ---- text and figure


def test_table_and_figure():
    few = statistics(WIDTH, HEIGHT, EVERYTHING / 2, np.random.default_rng(0), 50)
    text = table(few)
    assert all(name in text for name in (*SAMPLERS, "zoom-out", "hue", "without an object"))
    assert f"{few.accepted[:, 4].mean():.1%}" in text
    _, axes = new_figure(2, 3)
    draw_statistics(axes, few)
    assert [patch.get_width() for patch in axes[0].patches[:7]] == pytest.approx(few.accepted.mean(axis=0))
    assert sum(patch.get_height() for patch in axes[5].patches) == (few.zoom > 1).sum()
    none = statistics(WIDTH, HEIGHT, np.zeros((0, 4)), np.random.default_rng(0), 20)
    assert (none.chosen == 0).all()
    assert "whole image" in table(none)
    draw_statistics(new_figure(2, 3)[1], none)
