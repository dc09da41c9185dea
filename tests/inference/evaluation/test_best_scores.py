"""numpyssd.inference.evaluation.best_scores: thresholds that can be said beforehand, and classes with few objects."""

import numpy as np
import pytest

from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.evaluation.best_scores import HIGHEST, best_scores, curve, draw_best_score
from numpyssd.pictures.simulated_detector import simulate_detector

NAMES = ("a", "b", "c", "d", "e")


def measured(classes, missed=()):
    """Return the AveragePrecision of classes, each a list of (score, whether it is right), one detection an image.

    missed: how many objects of each class nothing finds.
    """
    found, truth = [], []
    hit, miss, none = [[0, 0, 10, 10]], [[50, 50, 60, 60]], (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, bool))
    for label, rows in enumerate(classes, 1):
        for score, right in rows:
            found.append((hit, [label], [score]))
            truth.append((hit, [label], [False]) if right else none)
    for label, count in enumerate(missed, 1):
        found += [none] * count
        truth += [(miss, [label], [False])] * count
    return average_precision(found, truth, "voc", class_names=[f"class {n}" for n in range(1, len(classes) + 1)])


def scores_of(result, count):
    return [best.score for best in best_scores(result, [f"class {n}" for n in range(1, count + 1)]).values()]


def test_two_groups_of_scores_are_parted_in_the_middle():
    rows = [(0.8 + i / 1000, True) for i in range(100)] + [(0.2 - i / 1000, False) for i in range(100)]
    result = measured([rows])
    (best,) = best_scores(result, ["class 1"]).values()
    assert best.score == pytest.approx(0.5, abs=0.01)
    assert best[1:] == (1, 1, 1, 100)


def test_a_network_that_is_never_sure_gets_a_low_threshold_and_one_that_always_is_a_high_one():
    low = [(0.2 + i / 1000, True) for i in range(100)] + [(0.1 - i / 2000, False) for i in range(150)]
    high = [(0.9 + i / 2000, True) for i in range(100)] + [(0.8 - i / 1000, False) for i in range(150)]
    assert scores_of(measured([low]), 1) == [pytest.approx(0.15, abs=0.03)]
    assert scores_of(measured([high]), 1) == [pytest.approx(0.85, abs=0.04)]


@pytest.mark.parametrize("alone", [0.99, 0.3])
def test_a_class_of_two_objects_goes_with_the_others(alone):
    many = [(0.55 + i / 1000, True) for i in range(200)] + [(0.45 - i / 1000, False) for i in range(200)]
    few = [(alone, True), (alone - 0.005, True), (alone - 0.01, False)]
    first, second = scores_of(measured([many, few]), 2)
    assert first == pytest.approx(0.5, abs=0.05)
    assert second == pytest.approx(first, abs=0.06)


def test_a_class_of_many_objects_has_its_own():
    sure = [(0.9 + i / 10000, True) for i in range(600)] + [(0.8 - i / 10000, False) for i in range(600)]
    unsure = [(0.3 + i / 10000, True) for i in range(600)] + [(0.2 - i / 10000, False) for i in range(600)]
    high, low = scores_of(measured([sure, unsure]), 2)
    assert high > 0.75
    assert low < 0.35


def test_a_class_without_objects_goes_with_the_others_and_has_no_f1():
    many = [(0.55 + i / 1000, True) for i in range(200)] + [(0.45 - i / 1000, False) for i in range(200)]
    first, nobody = best_scores(measured([many, []]), ["class 1", "class 2"]).values()
    assert nobody.score == pytest.approx(first.score, abs=0.03)
    assert nobody.objects == 0
    assert np.isnan([nobody.precision, nobody.recall, nobody.f1]).all()


def test_too_few_objects_give_nothing():
    rows = [(0.98, True), (0.97, True)]
    assert best_scores(measured([rows]), ["class 1"]) is None
    assert best_scores(measured([rows], [7]), ["class 1"]) is None
    (best,) = best_scores(measured([rows], [8]), ["class 1"]).values()
    assert best.objects == 10
    assert best.score < 0.6  # and not 0.97


def test_a_perfect_network_and_one_that_finds_nothing():
    sure = [(1.0, True)] * 50
    (best,) = best_scores(measured([sure]), ["class 1"]).values()
    assert best[:4] == (0.5, 1, 1, 1)  # the middle of 0 and 1
    (best,) = best_scores(measured([[]], [50]), ["class 1"]).values()
    assert (best.score, best.recall, best.f1) == (0.5, 0, 0)
    assert np.isnan(best.precision)
    wrong = [(1.0, False)] * 50
    (best,) = best_scores(measured([wrong], [50]), ["class 1"]).values()
    assert best.score <= HIGHEST


def test_equal_scores_are_shown_together_or_not_at_all():
    rows = [(0.7, True), (0.7, False)] * 20
    scores, precision, recall, f1 = curve(measured([rows], [20]), "class 1")
    assert (scores.tolist(), precision.tolist(), recall.tolist()) == ([0.7], [0.5], [0.5])
    assert f1.tolist() == [0.5]
    assert scores_of(measured([rows], [20]), 1) == [0.35]


def test_f1_is_the_harmonic_mean():
    result = average_precision(*simulate_detector(20, size=64), "voc", class_names=NAMES)
    for name in NAMES:
        _, precision, recall, f1 = curve(result, name)
        known = precision + recall > 0
        harmonic = 2 * precision[known] * recall[known] / (precision + recall)[known]
        np.testing.assert_allclose(f1[known], harmonic)
        assert (f1[~known] == 0).all()
    for name, best in best_scores(result, NAMES).items():
        scores, precision, recall, f1 = curve(result, name)
        shown = np.flatnonzero(scores > best.score)[-1]
        assert best[1:4] == (precision[shown], recall[shown], f1[shown])
        assert best.f1 <= f1.max()


def test_the_figure_shows_three_curves_and_the_threshold():
    result = average_precision(*simulate_detector(20, size=64), "voc", class_names=NAMES)
    figure, ax = new_figure()
    draw_best_score(ax, result, "a", best_scores(result, NAMES)["a"])
    assert [line.get_label() for line in ax.lines[:3]] == ["precision", "recall", "F1"]
    figure.draw_without_rendering()
