"""A stage of the comparison: functions of a learner's file, what they should return, and the usual mistakes."""

import copy
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from lessons.course.own_ssd.compare import difference, first_wrong, same
from lessons.course.recognize import Tried
from lessons.course.relations import relation
from lessons.course.trial import try_exercise


class Cause(NamedTuple):
    """A usual mistake: the sentence that names it, and a function that returns what it would have returned."""

    says: str
    wrong: Callable[[], Any]


class Case(NamedTuple):
    """One call of a learner's function.

    call: as a person would write it. run: makes it, given the learner's module. expected, axes, tolerance: see
    compare.difference; expected may be a function of the module too. causes: the usual mistakes.
    """

    call: str
    run: Callable
    expected: Any
    axes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    tolerance: float = 1e-4  # float32 has 7 digits, and a sum of a thousand numbers loses some


class Stage(NamedTuple):
    """A part of a detector.

    exercises: functions of the file that answer an exercise of the course as they are. functions: its others. cases:
    returns the Cases. after: the names of the stages that must be right for this one to be.
    """

    name: str
    exercises: tuple[str, ...]
    functions: tuple[str, ...]
    cases: Callable[[], list]
    after: tuple[str, ...] = ()


class Result(NamedTuple):
    """How a stage went: "right", "not written", "stops" or "differs", in words, and the cause if it is known."""

    stage: Stage
    outcome: str
    words: str = ""
    cause: str | None = None


def try_stage(stage, mine):
    """Return the Result of a stage for a learner's module; the first function that is not right ends it."""
    for name in stage.exercises:
        found = try_exercise(name, getattr(mine, name))
        if found.outcome == "blank":
            return Result(stage, "not written", f"{name} is not written yet")
        if found.outcome != "right":
            return Result(stage, "stops" if found.outcome == "error" else "differs", found.words, found.mistake)
    for case in stage.cases():
        result = _try_case(stage, case, mine)
        if result:
            return result
    return Result(stage, "right")


def whatever_stops(stage, run, mine):
    """Return run(mine), a Result or None; if it stops with an error, the Result that says where."""
    try:
        with np.errstate(all="ignore"):
            return run(mine)
    except NotImplementedError as reason:
        names = [frame.name for frame in _frames(reason, mine)]
        return Result(stage, "not written", f"{names[-1] if names else 'a function'} is not written yet")
    except Exception as reason:
        place = _frames(reason, mine)
        where = f"in line {place[-1].lineno}: {place[-1].line}" if place else "in what it returned: do the shapes fit?"
        return Result(stage, "stops", f"it stops with {type(reason).__name__}: {reason}\n  {where}")


def _try_case(stage, case, mine):
    def run(mine):
        yours = case.run(mine)
        if yours is None or yours is Ellipsis:
            return Result(stage, "not written", "it returns nothing yet")
        expected = case.expected(mine) if callable(case.expected) else case.expected
        words = difference(yours, expected, case.tolerance, case.axes)
        if words is None:
            return None
        cause = next((cause.says for cause in case.causes if _is(cause, yours, case)), None)
        cause = cause or _related(yours, expected, case.tolerance)
        return Result(stage, "differs", words + (f"\n  Likely cause: {cause}" if cause else ""), cause)

    result = whatever_stops(stage, run, mine)
    if result is None or result.outcome == "not written":
        return result
    return result._replace(words=f"{case.call}\n  {result.words}")


def _is(cause, yours, case):
    try:
        return same(yours, cause.wrong(), case.tolerance)
    except ValueError:  # a step uphill ends where there is no loss any more
        return False


def _related(yours, expected, tolerance):
    """Return how the first wrong array differs as a whole, such as a sign or a factor, or None."""
    try:
        mine, right = first_wrong(yours, expected, tolerance)
        if not np.isfinite(mine).all():
            return "NaN and inf come from a division by 0, a logarithm of 0, or exp of a large number."
        found = relation([Tried((), mine, np.asarray(right), False)], tolerance)
    except (KeyError, IndexError, TypeError, ValueError, StopIteration):  # results of another kind
        return None
    return found[1] if found else None


def _frames(error, mine):
    return [f for f in traceback.extract_tb(error.__traceback__) if f.filename == mine.__file__]


def calling(name, *arguments):
    """Return a ``run`` that calls the function of this name; it gets copies, so that it may change what it is given."""
    return lambda mine: getattr(mine, name)(*copy.deepcopy(arguments))


def one_thread():
    """Have NumPy's matrix product compute with one thread: for products so small, several wait for one another."""
    return threadpool_limits(1, user_api="blas")
