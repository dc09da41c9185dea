"""Wrong answers as a learner may write them, each with what is really wrong with it.

They were written from the questions and the lessons alone, before the mistakes that the checker knows were looked at.
They stay as they are; what the checker should say of each is in ``names.py``.
"""

from typing import NamedTuple


class Wrong(NamedTuple):
    """A wrong answer: exercise, function, and a sentence that says what is wrong."""

    exercise: str
    function: object
    really: str


class Collection(list):
    """Wrong answers; ``@wrong(exercise, really)`` adds one."""

    def __call__(self, exercise, really):
        def add(function):
            self.append(Wrong(exercise, function, really))
            return function

        return add
