"""Trying a function on the cases of an exercise: whether it is right and, if not, what is wrong."""

from typing import NamedTuple

import numpy as np

from lessons.course import calling
from lessons.course.errors import lines_of
from lessons.course.exercises.catalog import EXERCISES
from lessons.course.recognize import Tried, recognize
from lessons.course.relations import relation
from lessons.course.written import shape, written


class Trial(NamedTuple):
    """The result of a trial.

    outcome: "right", "blank", "error" or "wrong". words: what to print. mistake: the name of a usual mistake of this
    exercise, of a relation that all wrong results have to the expected ones, or "changed argument"; or None.
    case: the case that failed, or None.
    """

    outcome: str
    words: str
    mistake: str | None = None
    case: tuple | None = None  # arguments, yours, expected


def try_exercise(name, function):
    """Try a function on all cases of an exercise, and return the Trial; only what it prints itself is printed."""
    exercise, changed = EXERCISES[name], None
    if not callable(function):
        return Trial("error", f"check.{name} wants a function, not {written(function)}: leave its brackets out.")
    called = getattr(function, "__name__", "your function")
    cases = exercise.cases()
    for number, arguments in enumerate(cases):
        made = calling.call(function, arguments)
        changed = changed or made.changed
        if isinstance(made.error, NotImplementedError):
            return _blank(name, called, "is not written yet")
        if number == 0 and made.error is None and (made.result is None or made.result is Ellipsis):
            prints = made.printed and made.result is None
            return _blank(
                name, called, "prints, but returns nothing: it needs return" if prints else "returns nothing yet"
            )
        expected = calling.quiet_call(exercise.answer, arguments)
        if made.error is not None or not exercise.accepts(made.result, expected, arguments):
            return _not_right(name, function, number, made._replace(changed=changed), expected)
    if changed:
        words = f"✗ {name}: right in all {len(cases)} cases, but not finished.\n{_of_changed(called, changed)}"
        return Trial("wrong", words, "changed argument")
    return Trial("right", f"✓ {name}: right in all {len(cases)} cases.")


def _blank(name, called, how):
    return Trial("blank", f'○ {name}: {called} {how}. Stuck? check.hint("{name}")')


def _not_right(name, function, number, made, expected):
    """Return the Trial of a function whose result in case ``number`` is wrong, or which stopped there."""
    exercise, called = EXERCISES[name], getattr(function, "__name__", "your function")
    cases = exercise.cases()
    arguments = cases[number]
    lines = [f"✗ {name}: case {number + 1} of {len(cases)} is not right."]
    lines.append(f"  {called}({', '.join(written(a, indent=len(called) + 3) for a in arguments)})")
    lines += lines_of(made.error) if made.error is not None else _of_result(exercise, arguments, made.result, expected)
    endless = isinstance(made.error, calling.TooSlow)
    mistake, says = (None, []) if endless else _mistake(exercise, function, number, made)
    if made.changed:
        lines.append(_of_changed(called, made.changed))
        mistake = mistake or "changed argument"
    lines += says
    if not mistake and made.error is None:
        lines.append(f'  A hint: check.hint("{name}")')
    outcome = "wrong" if made.error is None else "error"
    return Trial(outcome, "\n".join(lines), mistake, (arguments, made.result, expected))


def _of_result(exercise, arguments, yours, expected):
    lines = [f"  yours:    {written(yours)}"]
    if yours is None:
        lines[-1] += "   (does every path through the function return something?)"
    if exercise.accept is not None:  # several are right: to print one of them would give it away
        return lines + ([f"  {exercise.amounts(yours, *arguments)}"] if exercise.amounts else [])
    lines.append(f"  expected: {written(expected)}")
    if shape(yours) != shape(expected):
        lines.append(f"  the shapes differ: yours {shape(yours)}, expected {shape(expected)}")
    elif _finite(expected) and not _finite(yours):
        lines.append("  NaN comes from 0 / 0, inf - inf, or the logarithm or root of a negative number; inf from x / 0")
    return lines


def _of_changed(called, argument):
    return (
        f"  {called} changes its argument {argument}. The code that called it still needs the old numbers.\n"
        f"  (b = a makes no copy of an array: both names mean the same array. a.copy() makes a copy.)"
    )


def _mistake(exercise, function, number, made):
    """Return the name of what is wrong, and lines that say it; None and no line if it is not known."""
    tried = _try_all(exercise, function, number, made)
    found = recognize(exercise, tried, number)
    if found is not None:
        lines = [f"  This looks familiar: {exercise.mistakes[found.name].says}"]
        if found.left:
            lines.append(f"  That is not all: in case {found.left[0] + 1} something else is wrong, too.")
        return found.name, lines
    related = relation(tried, exercise.tolerance) if exercise.accept is None else None
    return (related[0], [f"  In all wrong cases: {related[1]}"]) if related else (None, [])


def _try_all(exercise, function, number, made):
    """Return what the function gives in each case; the known case is not tried again."""
    tried, seconds = [], min(2, calling.SECONDS)
    for n, arguments in enumerate(exercise.cases()):
        yours = made.error or made.result if n == number else calling.quiet_call(function, arguments, seconds)
        if isinstance(yours, calling.TooSlow):
            seconds = 0.2  # the others are not worth waiting for
        expected = calling.quiet_call(exercise.answer, arguments)
        right = not isinstance(yours, BaseException) and exercise.accepts(yours, expected, arguments)
        tried.append(Tried(arguments, yours, expected, right))
    return tried


def _finite(value):
    try:
        items = value if isinstance(value, tuple) else (value,)
        return all(np.isfinite(np.asarray(item, float)).all() for item in items)
    except (TypeError, ValueError, OverflowError):
        return True
