"""Which usual mistake explains the wrong results of a function, and how much the results tell.

A mistake is a candidate if it gives the learner's result in the case that is shown. It is none if it is wrong where the
learner is right (but an error or NaN does not count there). If it explains every wrong result, it is named. If it explains only some, the function may have two
mistakes; then it is named only if what it explains can hardly be chance.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from lessons.course.calling import quiet_call
from lessons.course.exercises.exercise import same

SURE = 8.0  # how much agreement rules out chance; see `information`


class Tried(NamedTuple):
    """One case: its arguments, the learner's result (an error is a result, too), the expected one, and whether right."""

    arguments: tuple
    yours: object
    expected: object
    right: bool


class Found(NamedTuple):
    """A mistake, and the numbers of the wrong cases that it does not explain."""

    name: str
    left: tuple[int, ...]


def recognize(exercise, tried, shown):
    """Return the Found mistake, or None; ``shown`` is the number of the case that the learner sees."""
    partly = []
    for name, mistake in exercise.mistakes.items():
        for function in (mistake.function, *mistake.variants):
            left, told = _explained(exercise, function, tried, shown) or (None, 0)
            if left == ():
                return Found(name, left)
            if left and told >= SURE and 2 * len(left) <= sum(not case.right for case in tried):
                partly.append((len(left), -told, name, left))
        if mistake.when is not None and _happens(mistake.when, tried[shown]):
            return Found(name, ())
    partly.sort()
    best = [found for found in partly if found[0] == partly[0][0]]
    if not best or len({name for _, _, name, _ in best}) > 1:
        return None
    return Found(*best[0][2:])


def _explained(exercise, function, tried, shown):
    """Return the numbers of the wrong cases that a mistake does not explain, and what the others tell; or None."""
    order = [shown, *(number for number in range(len(tried)) if number != shown)]
    left, told = [], 0.0
    for number in order:
        case = tried[number]
        theirs = quiet_call(function, case.arguments)
        agree = _alike(case.yours, theirs, exercise.tolerance)
        if case.right and _says_something(theirs) and not exercise.accepts(theirs, case.expected, case.arguments):
            return None
        if not case.right and agree:
            told += information(case.yours, case.expected)
        elif not case.right:
            if number == shown:
                return None
            left.append(number)
    return tuple(sorted(left)), told


def _happens(when, case):
    try:
        return bool(when(case.yours, *case.arguments))
    except Exception:  # the result is of another kind
        return False


def _says_something(result):
    """Whether a result is a result. An error, inf or NaN are none: the learner's function may guard against them."""
    if isinstance(result, BaseException):
        return False
    try:
        return all(np.isfinite(np.asarray(item, float)).all() for item in _items(result))
    except (TypeError, ValueError, OverflowError):
        return True


def _alike(a, b, tolerance):
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        return type(a) is type(b) and str(a) == str(b)
    return same(a, b, tolerance)


def information(yours, expected):
    """Return how much a wrong result tells: 0 and 1 tell little, large numbers more, and fractions that are odd most."""
    try:
        yours = np.concatenate([np.ravel(np.asarray(item, float)) for item in _items(yours)])
        expected = np.concatenate([np.ravel(np.asarray(item, float)) for item in _items(expected)])
    except (TypeError, ValueError, OverflowError):
        return 0.0
    numbers = yours[~np.isclose(yours, expected, equal_nan=True)] if yours.shape == expected.shape else yours
    plain = np.isin(numbers, (0, 1, -1)) | ~np.isfinite(numbers)
    return 0.25 * plain.sum() + sum(map(_digits, np.unique(np.abs(numbers[~plain]))))


def _digits(number):
    """Return about how many digits say which number it is."""
    if number == np.round(number):
        return np.log10(number)
    denominator = Fraction(number).limit_denominator(1000).denominator
    return min(4.0, 2 * np.log10(denominator))


def _items(value):
    return value if isinstance(value, tuple | list) and len(value) else [value]
