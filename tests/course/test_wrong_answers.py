"""Wrong answers that were not written for the checker: it names what is wrong, or nothing, and never something else."""

import importlib

import pytest

from lessons.course import calling
from lessons.course.trial import try_exercise
from tests.course.wrong_answers.names import FIRST, SECOND

PARTS = ("boxes", "convolution", "network", "training", "detection", "further")
NAMES = {"first": FIRST, "second": SECOND}


def answers(collection):
    modules = [importlib.import_module(f"tests.course.wrong_answers.{collection}.{part}") for part in PARTS]
    return [answer for module in modules for answer in module.wrong]


CASES = [(collection, answer) for collection in NAMES for answer in answers(collection)]
RIGHT_AFTER_ALL = {"area_trapezoid"}  # under steps that only fall, trapezoids between right detections are the strips


@pytest.mark.parametrize(("collection", "answer"), CASES, ids=[answer.function.__name__ for _, answer in CASES])
def test_what_is_wrong_is_named_or_nothing(collection, answer, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.5)
    name = answer.function.__name__
    found = try_exercise(answer.exercise, answer.function)
    assert found.mistake == NAMES[collection][name]
    assert (found.outcome == "right") == (name in RIGHT_AFTER_ALL)


@pytest.mark.parametrize("collection", NAMES)
def test_most_wrong_answers_are_named(collection):
    names = NAMES[collection]
    assert len(names) == len(answers(collection)) >= 60
    assert {answer.function.__name__ for answer in answers(collection)} == set(names)
    assert sum(name is not None for name in names.values()) >= 0.8 * len(names)
