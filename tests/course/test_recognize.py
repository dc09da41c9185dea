"""What is told of a wrong result: a mistake, a relation, the meaning of an error; or nothing if it tells too little."""

import numpy as np
import pytest

from lessons.course import check
from lessons.course.exercises.exercise import Exercise, Mistake
from lessons.course.recognize import Found, Tried, information, recognize
from lessons.course.relations import RELATIONS, relation
from lessons.course.trial import try_exercise

NUMBERS = [(n + 0.37 * n**2,) for n in range(1, 7)]


def exercise(**mistakes):
    told = {name: Mistake(function, name) for name, function in mistakes.items()}
    return Exercise("Double it.", lambda x: 2 * x, lambda: NUMBERS, ("", ""), told)


def tried(function, cases=NUMBERS, answer=lambda x: 2 * x):
    rows = [(arguments, function(*arguments), answer(*arguments)) for arguments in cases]
    return [Tried(arguments, yours, expected, np.isclose(yours, expected)) for arguments, yours, expected in rows]


def test_a_mistake_that_explains_everything_is_found():
    assert recognize(exercise(thrice=lambda x: 3 * x), tried(lambda x: x + x + x), 0) == Found("thrice", ())


def test_a_mistake_that_the_learner_does_not_make_everywhere_is_none():
    assert recognize(exercise(thrice=lambda x: 3 * x), tried(lambda x: 3 * x if x < 9 else 2 * x), 0) is None


def test_with_two_mistakes_at_once_the_one_in_the_case_shown_is_found():
    both = tried(lambda x: 3 * x if x < 9 else 5 * x)
    assert recognize(exercise(thrice=lambda x: 3 * x), both, 0) == Found("thrice", (3, 4, 5))
    assert recognize(exercise(thrice=lambda x: 3 * x), both, 5) is None


def test_an_agreement_that_tells_little_is_none():
    zeros = [(n,) for n in range(1, 7)]
    found = recognize(exercise(nothing=lambda x: 0), tried(lambda x: 0 if x < 4 else -1, zeros), 0)
    assert found is None


def test_two_mistakes_that_explain_as_much_are_none():
    several = exercise(first=lambda x: 3 * x if x < 9 else x, second=lambda x: 3 * x if x < 9 else 7 * x)
    assert recognize(several, tried(lambda x: 3 * x if x < 9 else 5 * x), 0) is None


def test_a_mistake_may_stop_where_the_learner_has_a_guard():
    def stops(x):
        return 3 * x if x < 9 else 1 / 0

    assert recognize(exercise(stops=stops), tried(lambda x: 3 * x if x < 9 else 2 * x), 0) == Found("stops", ())


def test_what_a_result_tells():
    assert information(0, 5) < information(7, 5) < information(1234, 5)
    assert information(0.5, 5) < information(0.3717, 5) <= information(np.array([0.3717, 0.8812]), np.zeros(2))
    assert information(np.array([0.0, 2, 2]), np.array([0.0, 1, 1])) == information(2, 1)
    assert information("a", 1) == 0


def test_the_rest_is_mentioned():
    def two_mistakes(boxes, image_shape):
        h, w = image_shape[:2]
        return boxes * [h, w, h, w] if len(boxes) != 3 else boxes * [h, w, h, h]

    found = try_exercise("to_pixels", two_mistakes)
    assert found.mistake is None  # 3 whole numbers in one case may be chance

    def two_other_mistakes(logits, label):
        loss, gradient = check.EXERCISES["cross_entropy"].answer(logits, label)
        return (loss, -gradient) if len(logits) < 4 else (2 * loss, -gradient)

    found = try_exercise("cross_entropy", two_other_mistakes)
    assert found.mistake == "wrong sign"
    assert "That is not all: in case 4 something else is wrong, too." in found.words


@pytest.mark.parametrize("name", [name for name, each in check.EXERCISES.items() if each.accept is not None])
def test_where_several_answers_are_right_none_is_given_away(name):
    for mistake in check.EXERCISES[name].mistakes.values():
        assert "expected" not in try_exercise(name, mistake.function).words
    assert "expected" not in try_exercise(name, lambda *arguments: [1, 2]).words


def test_what_two_boxes_amount_to():
    words = {
        ((0, 0, 4, 4), (2, 0, 6, 4)): "Their IoU is 1/3.",
        ((0, 0, 4, 4), (0, 0, 4, 3)): "Their IoU is 3/4.",
        ((0, 0, np.pi, 1), (0, 0, 1, 1)): "Their IoU is 0.31831.",
        ((0, 0, 4, 4), (5, 5, 5, 9)): "A box has no width or no height",
        (1, 2): "Two boxes of four numbers are wanted",
    }
    for boxes, expected in words.items():
        assert expected in try_exercise("half_iou", lambda boxes=boxes: boxes).words


SQUARE = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 11]])
MASK = np.array([False, True, True, False, True])
RELATED = {
    "exchanged results": ((np.arange(3), np.arange(4.0)), lambda e: e[::-1]),
    "first result only": ((np.arange(3), np.arange(4.0)), lambda e: e[0]),
    "last result only": ((np.arange(3), np.arange(4.0)), lambda e: e[1]),
    "another shape": (SQUARE, np.ravel),
    "transposed": (SQUARE, np.transpose),
    "reversed": (SQUARE, lambda e: e[::-1]),
    "mirrored": (SQUARE, lambda e: e[:, ::-1]),
    "another order": (SQUARE, lambda e: e[[1, 0, 2]]),
    "sign": (SQUARE, np.negative),
    "indices": (MASK, np.flatnonzero),
    "center and size": (np.array([[1.0, 2, 5, 9]]), lambda e: np.array([[3.0, 5.5, 4, 7]])),
    "whole numbers": (SQUARE / 2 - 3, np.floor),
    "cut off": (SQUARE / 2 - 3, np.trunc),
    "rounded": (SQUARE / 3, np.round),
    "offset": (SQUARE, lambda e: e + 2),
    "factor": (SQUARE, lambda e: e * 1.5),
}


def test_each_relation_has_an_example():
    assert set(RELATED) == {*RELATIONS, "offset", "factor"}


@pytest.mark.parametrize("name", RELATED)
def test_a_relation_is_found(name):
    expected, change = RELATED[name]
    assert relation([Tried((), change(expected), expected, False)], 1e-6)[0] == name


@pytest.mark.parametrize("name", RELATED)
def test_a_relation_that_does_not_hold_in_another_case_is_not_told(name):
    expected, change = RELATED[name]
    cases = [Tried((), change(expected), expected, False), Tried((), 0.123, expected, False)]
    assert relation(cases, 1e-6) is None


def test_a_relation_of_few_numbers_may_be_chance():
    assert relation([Tried((), [1, 0], [0, 1], False)], 1e-6) is None
    assert relation([Tried((), None, SQUARE, False)], 1e-6) is None
    assert relation([Tried((), ValueError(), SQUARE, False)], 1e-6) is None


def test_a_constant_difference_must_hold_where_the_result_is_right_too():
    cases = [Tried((), SQUARE + 1, SQUARE, False), Tried((), 3.0, 3.0, True)]
    assert relation(cases, 1e-6) is None


@pytest.mark.parametrize(
    ("broken", "meaning"),
    [
        (lambda a, b: 1 / 0, "it divides by 0"),
        (lambda a, b: a[4], "the last of n elements has the number n - 1"),
        (lambda a, b: 1 if a > b else 0, "np.where"),
        (lambda a, b: max([]), "the list is empty"),
        (lambda a, b: a[:0].max(), "this part is empty"),
        (lambda a, b: a + b[:2], "do not fit"),
        (lambda a, b: a[1.0], "a whole number"),
        (lambda a, b: range(4 / 2), "a whole number"),
        (lambda a, b: None + 1, "Does a function have no return?"),
    ],
)
def test_an_error_is_told_in_plain_words_as_well(broken, meaning):
    words = try_exercise("iou", broken).words
    assert "That means: " in words
    assert meaning in words


def test_nan_is_explained():
    words = try_exercise("iou", lambda a, b: np.nan).words
    assert "NaN comes from 0 / 0" in words
