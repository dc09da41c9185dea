"""Trying a function on the cases of an exercise: whether it is right and, if not, which usual mistake it makes."""

import contextlib
import copy
import io
import textwrap
import traceback
from typing import NamedTuple

import numpy as np

from lessons.course.exercises.catalog import EXERCISES
from lessons.course.exercises.exercise import same


class Trial(NamedTuple):
    """The result of a trial.

    outcome: "right", "blank", "error" or "wrong". words: what to print. mistake: the name of a usual mistake, or None.
    case: the case that failed.
    """

    outcome: str
    words: str
    mistake: str | None = None
    case: tuple | None = None  # arguments, yours, expected


def try_exercise(name, function):
    """Try a function on all cases of an exercise, and return the Trial; nothing is printed."""
    exercise, results = EXERCISES[name], []
    if not callable(function):
        return Trial("error", f"check.{name} wants a function, not {_written(function)}: leave its brackets out.")
    called = getattr(function, "__name__", "your function")
    for number, arguments in enumerate(exercise.cases()):
        expected = exercise.answer(*copy.deepcopy(arguments))
        try:
            yours = function(*copy.deepcopy(arguments))
        except NotImplementedError:
            return _blank(name, called, "is not written yet")
        except Exception as error:
            words = f"{_call(called, arguments)}\n  stops with {type(error).__name__}: {error}\n  {_where(error)}"
            return Trial("error", f"{_heading(name, number)}\n{words}", None, (arguments, None, expected))
        if (yours is None or yours is Ellipsis) and not results:
            return _blank(name, called, "returns nothing yet")
        results.append(yours)
        if not exercise.accepts(yours, expected, arguments):
            return _wrong(name, function, called, number, (arguments, yours, expected))
    return Trial("right", f"✓ {name}: right in all {len(results)} cases.")


def _blank(name, called, how):
    return Trial("blank", f'○ {name}: {called} {how}. Stuck? check.hint("{name}")')


def _wrong(name, function, called, number, case):
    arguments, yours, expected = case
    exercise = EXERCISES[name]
    mistake = _recognized(exercise, function)
    lines = [_heading(name, number), _call(called, arguments)]
    lines += [f"  yours:    {_written(yours)}", f"  expected: {_written(expected)}"]
    if yours is None:
        lines[-2] += "   (does every path through the function return something?)"
    if exercise.accept is not None:
        lines[-1] += "   (or another that is right)"
    elif _shape(yours) != _shape(expected):
        lines.append(f"  the shapes differ: yours {_shape(yours)}, expected {_shape(expected)}")
    if mistake:
        lines.append(f"  This looks familiar: {exercise.mistakes[mistake].says}")
    else:
        lines.append(f'  A hint: check.hint("{name}")')
    return Trial("wrong", "\n".join(lines), mistake, case)


def _heading(name, number):
    return f"✗ {name}: case {number + 1} of {len(EXERCISES[name].cases())} is not right."


def _shape(value):
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return tuple(_shape(item) for item in value)  # of several results, each its own
    try:
        return np.shape(value)
    except ValueError:
        return "rows of different lengths"


def _recognized(exercise, function):
    """Return the name of the mistake that gives what the function gives, in every case; None if there is none."""
    possible = dict(exercise.mistakes)
    for arguments in exercise.cases():
        yours = _result(function, arguments)
        possible = {
            name: mistake
            for name, mistake in possible.items()
            if _alike(yours, _result(mistake.function, arguments), exercise)
        }
    return next(iter(possible), None)


def _alike(a, b, exercise):
    if isinstance(a, Exception) or isinstance(b, Exception):
        return type(a) is type(b)
    return same(a, b, exercise.tolerance)


def _result(function, arguments):
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):  # its prints have been shown already
        try:
            return function(*copy.deepcopy(arguments))
        except Exception as error:
            return error


def _where(error):
    """Return the line of the learner's own code at which it stopped."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    return f"in line {frames[0].lineno}: {frames[0].line}" if frames else "when it was called: do its arguments fit?"


def _call(called, arguments):
    return f"  {called}({', '.join(_written(a, indent=len(called) + 3) for a in arguments)})"


def _written(value, indent=12):
    """Return a value as short as a person would write it."""
    if isinstance(value, float | np.floating):
        return f"{value + 0.0:.6g}"  # 0 rather than -0
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=4, separator=", ", threshold=60, suppress_small=True)
        return textwrap.indent(text, " " * indent).lstrip()
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return "(" + ", ".join(_written(item, indent) for item in value) + ")"
    return repr(value)
