"""numpyssd.inference.evaluation.bootstrap: against resampled lists, and in cases whose interval is known."""

import time

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.evaluation.bootstrap import FEW_IMAGES, bootstrap, draw_bootstrap
from numpyssd.pictures.simulated_detector import simulate_detector

NAMES = ("a", "b", "c", "d", "e")


def slowly(detections, truth, metric, resamples, seed):
    """Return the mean of each resample, measured as a data set of its own."""
    rng, count, means = np.random.default_rng(seed), len(truth), []
    for _ in range(resamples):
        # The detections of an image drawn twice stand one after the other, as bootstrap counts them.
        drawn = np.sort(rng.integers(count, size=count))
        lists = [detections[i] for i in drawn], [truth[i] for i in drawn]
        means.append(average_precision(*lists, metric, class_names=NAMES).mean)
    return np.percentile(means, [2.5, 97.5])


@pytest.mark.parametrize("metric", ["voc", "voc07", "coco"])
def test_it_is_the_spread_of_resampled_data_sets(metric):
    found, truth = simulate_detector(25, size=64)
    truth[3] = (
        *truth[3][:2],
        np.ones(len(truth[3][1]), bool),
    )  # so that some are ignored
    intervals = bootstrap(found, truth, metric, NAMES, resamples=40, seed=7)
    assert intervals.mean == pytest.approx(tuple(slowly(found, truth, metric, 40, 7)), abs=1e-9)
    assert (intervals.resamples, intervals.images) == (40, 25)


def test_the_same_seed_gives_the_same_interval_and_another_nearly_the_same():
    lists = simulate_detector(60, size=64)
    one, again, other = (bootstrap(*lists, class_names=NAMES, seed=seed) for seed in (0, 0, 1))
    assert one == again != other
    assert one.mean == pytest.approx(other.mean, abs=0.015)
    result = average_precision(*lists, "voc", class_names=NAMES)
    assert one.mean[0] < result.mean < one.mean[1]
    assert list(one.per_class) == list(result.per_class)
    assert all(one.per_class[name][0] <= ap <= one.per_class[name][1] for name, ap in result.per_class.items())


def box(n=0):
    return np.array([[0, 0, 10, 10]], float), np.ones(1, int), np.array([0.9 - n / 1000])


def test_an_interval_of_a_fraction_is_the_binomials():
    # One object in each of 100 images, and 60 of them found without a wrong box: AP is the recall of the resample.
    nothing = np.zeros((0, 4)), np.zeros(0, int), np.zeros(0)
    found = [box(i) if i < 60 else nothing for i in range(100)]
    truth = [(*box()[:2], np.zeros(1, bool))] * 100
    low, high = bootstrap(found, truth, "voc", ["x"]).mean
    assert (low, high) == (pytest.approx(0.6 - 1.96 * np.sqrt(0.24 / 100), abs=0.02), pytest.approx(0.696, abs=0.02))
    four_times = bootstrap(found * 4, truth * 4, "voc", ["x"]).mean
    assert four_times[1] - four_times[0] == pytest.approx((high - low) / 2, rel=0.15)


def test_perfect_and_useless_networks_are_certain_of_it():
    truth = [(*box()[:2], np.zeros(1, bool))] * 5
    assert bootstrap([box()] * 5, truth).mean == (1, 1)
    assert bootstrap([(np.zeros((0, 4)), [], [])] * 5, truth).mean == (0, 0)


def test_what_has_no_interval():
    difficult = [(*box()[:2], np.ones(1, bool))] * 4
    for found, truth in (([box()], [(*box()[:2], [False])]), ([box()] * 4, difficult), ([], [])):
        intervals = bootstrap(found, truth, "voc", ["x"])
        assert np.isnan(intervals.mean).all()
        assert np.isnan(list(intervals.per_class.values())).all()
    with pytest.raises(ValueError, match="metric must be"):
        bootstrap([], [], "map")


def test_a_class_in_few_images_counts_where_it_was_drawn():
    # Class 2 is in one of three images, found; class 1 in all, never found. A resample with image 0 has a mean of 0.5.
    both = (np.concatenate([box()[0]] * 2), np.array([1, 2]), np.zeros(2, bool))
    truth = [both, (*box()[:2], np.zeros(1, bool)), (*box()[:2], np.zeros(1, bool))]
    found = [(box()[0], np.array([2]), np.array([0.9]))] + [(np.zeros((0, 4)), [], [])] * 2
    intervals = bootstrap(found, truth, "voc", ["x", "y"])
    assert intervals.per_class == {"x": (0, 0), "y": (1, 1)}
    assert intervals.mean == (0, 0.5)


def test_a_thousand_resamples_are_quick():
    lists = simulate_detector(120, size=64)
    started = time.process_time()
    bootstrap(*lists, class_names=NAMES)
    assert time.process_time() - started < 5  # 0.4 s on two cores; measured one by one it takes a minute


def test_the_figure_has_a_row_for_each_class_and_the_mean():
    lists = simulate_detector(12, size=64)
    figure, ax = new_figure()
    draw_bootstrap(ax, average_precision(*lists, class_names=NAMES), bootstrap(*lists, class_names=NAMES))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["mean", *NAMES]
    assert ax.get_title() == "95 % intervals from 12 images, resampled 1000 times"
    few = simulate_detector(FEW_IMAGES - 1, size=64)
    draw_bootstrap(ax, average_precision(*few, class_names=NAMES), bootstrap(*few, class_names=NAMES, resamples=5))
    assert "9 images, resampled 5 times\n(so few images that the intervals mean little)" in ax.get_title()
    figure.draw_without_rendering()
