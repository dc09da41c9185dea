"""Calling a learner's function: changed arguments, prints, and functions that do not end."""

import numpy as np
import pytest

from lessons.course import calling, check
from lessons.course.calling import TooSlow, call, quiet_call
from lessons.course.trial import try_exercise


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.2)


def test_the_changed_argument_is_named_and_the_given_one_is_as_before():
    def spoils(boxes, scores):
        scores[0] = 7
        return 1

    scores = np.zeros(2)
    made = call(spoils, (np.zeros((2, 4)), scores))
    assert (made.result, made.changed) == (1, "scores")
    assert not scores.any()


@pytest.mark.parametrize(
    "value", [np.array([1.0, np.nan]), [[1, 2], [3]], (1, "a"), {1: [2]}, 3.5, np.nan, None, np.float64(2)], ids=str
)
def test_what_is_not_changed_is_not_named(value):
    assert call(lambda value: value, (value,)).changed is None


@pytest.mark.parametrize("change", [lambda a: a.append(4), lambda a: a[1].append(4), lambda a: a.reverse()])
def test_a_changed_list_is_noticed(change):
    assert call(lambda a: change(a), ([1, [2]],)).changed == "a"


def test_a_parameter_without_a_name_has_a_number():
    assert call(lambda *all_of_them: all_of_them[1].sort(), (1, [3, 2])).changed == "number 2"


def test_what_is_printed_is_noticed_and_shown(capsys):
    assert call(lambda: print("here"), ()).printed
    assert capsys.readouterr().out == "here\n"
    assert not call(lambda: 1, ()).printed


def test_a_quiet_call_shows_nothing_and_returns_errors(capsys):
    assert isinstance(quiet_call(lambda: print("here") or 1 / 0, ()), ZeroDivisionError)
    assert capsys.readouterr().out == ""


def endless():
    while True:
        pass


def catches_everything():
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


@pytest.mark.parametrize("function", [endless, catches_everything])
def test_a_function_that_does_not_end_is_stopped(function, soon):
    assert isinstance(call(function, ()).error, TooSlow)


def test_the_limit_is_gone_after_the_call(soon):
    before = calling.signal.getsignal(calling.signal.SIGALRM)
    call(lambda: 1, ())
    assert calling.signal.getsignal(calling.signal.SIGALRM) == before
    assert calling.signal.getitimer(calling.signal.ITIMER_REAL) == (0, 0)


def test_where_there_is_no_limit_a_function_runs_without(monkeypatch):
    monkeypatch.delattr(calling.signal, "setitimer")
    assert call(lambda: 1, ()).result == 1


def test_the_learner_is_told_the_line_that_does_not_end(soon):
    def never(boxes, scores, threshold):
        while len(scores):  # the line
            pass

    found = try_exercise("nms", never)
    assert (found.outcome, found.mistake) == ("error", None)
    assert "does not end: it was stopped after 0.2 seconds" in found.words
    assert "the line" in found.words


def test_a_function_that_does_not_end_in_a_later_case_is_not_waited_for(soon):
    def slow_later(a, b):
        if tuple(b) == (0, 0, 2, 2):
            return 0.123
        while True:
            pass

    assert try_exercise("iou", slow_later).outcome == "wrong"


def test_a_right_function_that_changes_its_argument_is_not_finished():
    def in_place(boxes, image_shape):
        boxes *= np.array(image_shape)[[1, 0, 1, 0]]
        return boxes

    found = try_exercise("to_pixels", in_place)
    assert (found.outcome, found.mistake) == ("wrong", "changed argument")
    assert "right in all 4 cases, but not finished" in found.words
    assert "changes its argument boxes" in found.words


def test_a_function_that_prints_needs_return(capsys):
    found = try_exercise("iou", lambda a, b: print(0.5))
    assert found.outcome == "blank"
    assert "prints, but returns nothing: it needs return" in found.words


def test_a_function_that_calls_itself_for_ever():
    def again(a, b):
        return again(a, b)

    assert "calls itself without an end" in try_exercise("iou", again).words


def test_the_answers_change_no_argument():
    for name, exercise in check.EXERCISES.items():
        assert all(call(exercise.answer, arguments).changed is None for arguments in exercise.cases()), name
