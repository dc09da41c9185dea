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


@pytest.mark.parametrize("alone", [0.99, 0.6])
def test_a_class_of_two_objects_goes_with_the_others(alone):
    many = [(0.55 + i / 1000, True) for i in range(200)] + [(0.45 - i / 1000, False) for i in range(200)]
    few = [(alone, True), (alone - 0.005, True), (alone - 0.01, False)]
    first, second = scores_of(measured([many, few]), 2)
    assert first == pytest.approx(0.5, abs=0.05)
    assert second == pytest.approx(first, abs=0.06)


@pytest.mark.parametrize(("objects", "missed"), [(2, 0), (10, 0), (10, 20), (40, 5)])
def test_a_class_that_scores_lower_than_the_others_is_not_switched_off(objects, missed):
    many = [(0.55 + i / 1000, True) for i in range(200)] + [(0.3 - i / 1000, False) for i in range(200)]
    low = [(0.23, True)] * objects + [(0.22 - i / 1000, False) for i in range(objects)]
    result = measured([many, low], [0, missed])
    first, second = best_scores(result, ["class 1", "class 2"]).values()
    assert second.f1 >= curve(result, "class 2")[3].max() / 2
    assert second.recall == objects / (objects + missed)
    assert first.f1 > 0.9


def test_no_class_gets_a_threshold_with_less_than_half_its_best_f1():
    rng = np.random.default_rng(0)
    for _ in range(60):
        centers = rng.uniform(0.05, 0.97, 3)
        classes = [
            [(float(np.clip(rng.normal(center + 0.03 * right, width), 0.01, 0.9499)), bool(right))
             for right in rng.random(rng.integers(1, 60)) < rng.uniform(0.05, 0.9)]
            for center, width in zip(centers, rng.choice([1e-5, 0.01, 0.1], 3))
        ]  # fmt: skip
        result = measured(classes, rng.integers(4, 30, 3))
        for name, best in best_scores(result, ["class 1", "class 2", "class 3"]).items():
            assert best.f1 >= curve(result, name)[3].max(initial=0.0) / 2
            shown = np.flatnonzero(curve(result, name)[0] > best.score)
            assert best.f1 == (curve(result, name)[3][shown[-1]] if len(shown) else 0)


def test_a_threshold_has_three_digits_or_as_many_as_it_needs():
    assert scores_of(measured([[(0.7, True)] * 20]), 1) == [0.35]
    rows = [(0.24004, True)] * 60 + [(0.24001, False)] * 900
    (score,) = scores_of(measured([rows]), 1)
    assert 0.24001 <= score < 0.24004


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
    best = best_scores(result, NAMES)["a"]
    draw_best_score(ax, result, "a", best)
    assert [line.get_label() for line in ax.lines[:3]] == ["precision", "recall", "F1"]
    vertical, dot = ax.lines[3:]
    assert set(vertical.get_xdata()) == {best.score}
    assert dot.get_xydata().tolist() == [[best.score, best.f1]]
    highest = curve(result, "a")[3].max()
    assert ax.get_title() == f"a\nF1 {best.f1:.2f} at {best.score:.2f}, best {highest:.2f}"
    figure.draw_without_rendering()
