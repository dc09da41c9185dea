"""Exercises that check themselves: ``check.iou(my_iou)`` says whether it is right and, if not, what is wrong.

    check.iou(my_iou)       tries tiny cases first, and shows the first that fails
    check.hint("iou")       a hint, then a better one, then the answer

The same words in a notebook and in a terminal; in a notebook a picture comes with them. ``check.names()`` lists all.
"""

import contextlib
import copy
import difflib
import inspect
import io
import textwrap
import traceback
from typing import NamedTuple

import numpy as np

from numpyssd.drawing import new_figure
from lessons.course.display import fold, place, show
from lessons.course.exercises.boxes import EXERCISES as BOXES
from lessons.course.exercises.convolution import EXERCISES as CONVOLUTION
from lessons.course.exercises.convolution_backward import EXERCISES as CONVOLUTION_BACKWARD
from lessons.course.exercises.default_boxes import EXERCISES as DEFAULT_BOXES
from lessons.course.exercises.detections import EXERCISES as DETECTIONS
from lessons.course.exercises.evaluation import EXERCISES as EVALUATION
from lessons.course.exercises.exercise import same
from lessons.course.exercises.feature_maps import EXERCISES as FEATURE_MAPS
from lessons.course.exercises.losses import EXERCISES as LOSSES
from lessons.course.exercises.matching import EXERCISES as MATCHING
from lessons.course.exercises.mining import EXERCISES as MINING
from lessons.course.exercises.nms import EXERCISES as NMS
from lessons.course.exercises.own_pictures import EXERCISES as OWN_PICTURES
from lessons.course.exercises.pooling import EXERCISES as POOLING
from lessons.course.exercises.receptive_field import EXERCISES as RECEPTIVE_FIELD
from lessons.course.exercises.speed import EXERCISES as SPEED
from lessons.course.exercises.training import EXERCISES as TRAINING

EXERCISES = {
    **BOXES,
    **CONVOLUTION,
    **CONVOLUTION_BACKWARD,
    **DEFAULT_BOXES,
    **DETECTIONS,
    **EVALUATION,
    **FEATURE_MAPS,
    **LOSSES,
    **MATCHING,
    **MINING,
    **NMS,
    **OWN_PICTURES,
    **POOLING,
    **RECEPTIVE_FIELD,
    **SPEED,
    **TRAINING,
}

_hints_given = {}  # how often a hint was asked for, while Python runs


class Verdict(NamedTuple):
    """What checking found: "right", "blank", "error" or "wrong"; the words; which mistake it is, and in which case."""

    outcome: str
    words: str
    mistake: str | None = None
    case: tuple | None = None  # arguments, yours, expected


def __getattr__(name):
    if name.startswith("_") or name not in EXERCISES:
        near = difflib.get_close_matches(name, EXERCISES, n=1)
        raise AttributeError(f"there is no exercise {name!r}{f'; do you mean {near[0]!r}?' if near else ''}")
    return lambda function: _report(name, function)


def names():
    """Return the names of all exercises."""
    return list(EXERCISES)


def verdict(name, function):
    """Try a function on all cases of an exercise, and return the Verdict; nothing is printed."""
    exercise, results = EXERCISES[name], []
    if not callable(function):
        return Verdict("error", f"check.{name} wants a function, not {_written(function)}: leave its brackets out.")
    called = getattr(function, "__name__", "your function")
    for number, arguments in enumerate(exercise.cases()):
        expected = exercise.answer(*copy.deepcopy(arguments))
        try:
            yours = function(*copy.deepcopy(arguments))
        except NotImplementedError:
            return _blank(name, called, "is not written yet")
        except Exception as error:
            words = f"{_call(called, arguments)}\n  stops with {type(error).__name__}: {error}\n  {_where(error)}"
            return Verdict("error", f"{_heading(name, number)}\n{words}", None, (arguments, None, expected))
        if (yours is None or yours is Ellipsis) and not results:
            return _blank(name, called, "returns nothing yet")
        results.append(yours)
        if not exercise.accepts(yours, expected, arguments):
            return _wrong(name, function, called, number, (arguments, yours, expected))
    return Verdict("right", f"✓ {name}: right in all {len(results)} cases.")


def _blank(name, called, how):
    return Verdict("blank", f'○ {name}: {called} {how}. Stuck? check.hint("{name}")')


def _wrong(name, function, called, number, case):
    arguments, yours, expected = case
    exercise = EXERCISES[name]
    mistake = _recognized(exercise, function)
    lines = [_heading(name, number), _call(called, arguments)]
    lines += [f"  yours:    {_written(yours)}", f"  expected: {_written(expected)}"]
    if yours is None:
        lines[-2] += "   (does every way through the function return something?)"
    if exercise.accept is not None:
        lines[-1] += "   (or another that is right)"
    elif _shape(yours) != _shape(expected):
        lines.append(f"  the shapes differ: yours {_shape(yours)}, expected {_shape(expected)}")
    if mistake:
        lines.append(f"  This looks familiar: {exercise.mistakes[mistake].says}")
    else:
        lines.append(f'  A hint: check.hint("{name}")')
    return Verdict("wrong", "\n".join(lines), mistake, case)


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
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):  # what it prints was read already
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


def _report(name, function):
    found = verdict(name, function)
    print(found.words)
    draw = EXERCISES[name].draw
    if found.outcome == "wrong" and draw is not None and place() != "terminal":
        figure, axes = new_figure(1, 2, size=(7, 3.4))
        try:
            draw(axes, *found.case)
        except Exception:  # a result that is no picture at all; the words have said so
            return
        show(figure, "yours beside what was expected")


def hint(name):
    """Print a hint; at the second call a better one; after that the answer."""
    exercise = _exercise(name)
    given = _hints_given.get(name, 0)
    _hints_given[name] = given + 1
    if given < len(exercise.hints):
        print(f"hint {given + 1} of {len(exercise.hints)}: {exercise.hints[given]}")
    else:
        print(source(name))


def answer(name):
    """Show the answer behind a title that opens at a click; in a terminal, say how to see it."""
    _exercise(name)
    words = f'The answer to "{name}"' + (f': check.hint("{name}"), three times' if place() == "terminal" else "")
    fold(words, source(name))


def source(name):
    """Return the answer as code."""
    return textwrap.dedent(inspect.getsource(_exercise(name).answer)).rstrip()


def _exercise(name):
    if not isinstance(name, str):
        raise TypeError('give the name of the exercise in quotes: check.hint("iou")')
    return EXERCISES[name] if name in EXERCISES else __getattr__(name)
