"""What an exercise is: plain data and functions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mistake:
    """A function that is wrong in a way that has been seen often, and the sentence that says what it does.

    variants: other functions with the same mistake, whose results differ in some cases. when: ``when(yours,
    *arguments)`` recognizes the mistake where many results have it, and no function can give them all.
    """

    function: Callable
    says: str
    variants: tuple[Callable, ...] = ()
    when: Callable | None = None


@dataclass(frozen=True)
class Exercise:
    """One exercise; the checker and the tests need nothing else.

    question: what to write, one sentence. answer: a function that does it. cases: returns a list of argument tuples,
    tiny ones first. hints: two, the second says nearly all. mistakes: by a short name. draw: ``draw(axes, arguments,
    yours, expected)`` on two axes, or None. accept: ``accept(yours, expected, *arguments)`` where more than one result
    is right; the default compares numbers. amounts: ``amounts(yours, *arguments)``, a sentence that says what a result
    comes to, for those exercises; it is printed in place of the expected result. tolerance: of the comparison, absolute
    and relative.
    """

    question: str
    answer: Callable
    cases: Callable
    hints: tuple[str, str]
    mistakes: dict[str, Mistake]
    draw: Callable | None = None
    accept: Callable | None = None
    amounts: Callable | None = None
    tolerance: float = 1e-6

    def accepts(self, yours, expected, arguments):
        """Whether a result is right."""
        if self.accept is not None:
            try:
                return bool(self.accept(yours, expected, *arguments))
            except (TypeError, ValueError, OverflowError, ZeroDivisionError):  # not even the right kind of thing
                return False
        return same(yours, expected, self.tolerance)


def same(a, b, tolerance=1e-6):
    """Whether two results agree: numbers within the tolerance, arrays also in shape, tuples item by item."""
    if isinstance(b, str):
        return a == b
    if isinstance(b, tuple | list) and not _is_numbers(b):
        return isinstance(a, tuple | list) and len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b))
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return False
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))


def _is_numbers(value):
    return all(isinstance(item, int | float | np.number) for item in value)
