"""Exercises that check themselves: ``check.iou(my_iou)`` says whether it is right and, if not, what is wrong.

    check.iou(my_iou)       tries tiny cases first, and shows the first that fails
    check.hint("iou")       a hint, then a better one, then the answer

The words are the same in a notebook and in a terminal; a notebook also shows a figure. ``check.names()`` lists all.
"""

import difflib
import inspect
import textwrap

from numpyssd.drawing import new_figure
from lessons.course.display import fold, place, show
from lessons.course.exercises.catalog import EXERCISES
from lessons.course.trial import try_exercise

_hints_given = {}  # how often a hint was asked for, while Python runs


def __getattr__(name):
    if name.startswith("_") or name not in EXERCISES:
        near = difflib.get_close_matches(name, EXERCISES, n=1)
        raise AttributeError(f"there is no exercise {name!r}{f'; do you mean {near[0]!r}?' if near else ''}")
    return lambda function: _report(name, function)


def names():
    """Return the names of all exercises."""
    return list(EXERCISES)


def _report(name, function):
    found = try_exercise(name, function)
    print(found.words)
    draw = EXERCISES[name].draw
    if found.outcome == "wrong" and found.case is not None and draw is not None and place() != "terminal":
        figure, axes = new_figure(1, 2, size=(7, 3.4))
        try:
            draw(axes, *found.case)
        except Exception:  # a result that cannot be drawn; the words have said so
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
