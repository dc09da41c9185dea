"""How wrong results differ from the expected ones, whatever the exercise: transposed, exchanged, twice too large.

Each relation is a fact about the numbers. It is told only if it holds in every wrong case, and if the results have
enough different numbers to rule out chance: three, or two where chance is rare.
"""

import numpy as np

from lessons.course.exercises.exercise import same

WHOLE = "the digits behind the point are cut off. Do you use // or an array of whole numbers (dtype=int)?"


def relation(tried, tolerance):
    """Return the name of a relation and a sentence, or None; for ``tried`` see recognize.py."""
    wrong = [(case.yours, case.expected) for case in tried if not case.right]
    if any(isinstance(yours, BaseException) or yours is None for yours, _ in wrong):
        return None
    told = _different_numbers(yours for yours, _ in wrong)
    for name, (holds, says) in RELATIONS.items():
        if told >= (2 if name in SELDOM else 3) and all(_try(holds, *pair, tolerance) for pair in wrong):
            return name, says
    return _constant(tried) if told >= 3 else None


def _try(holds, yours, expected, tolerance):
    try:
        return holds(yours, expected, lambda a, b: same(a, b, tolerance))
    except (TypeError, ValueError, IndexError, OverflowError):  # a result of another kind
        return False


def _different_numbers(values):
    found = set()
    for value in values:
        for item in value if isinstance(value, tuple) else (value,):
            try:
                found.update(np.ravel(np.asarray(item, float)).round(9).tolist())
            except (TypeError, ValueError, OverflowError):
                return 0
    return len(found)


def _several(value):
    return isinstance(value, tuple) and any(np.ndim(item) for item in value)


def _exchanged(yours, expected, equal):
    """Whether both results are right, but the second comes first."""
    return isinstance(expected, tuple) and len(expected) == 2 and equal(tuple(yours)[::-1], expected)


def _first_only(yours, expected, equal):
    return isinstance(expected, tuple) and equal(yours, expected[0])


def _second_only(yours, expected, equal):
    return isinstance(expected, tuple) and equal(yours, expected[-1])


def _another_shape(yours, expected, equal):
    if _several(expected) or np.shape(yours) == np.shape(expected):
        return False
    return equal(np.ravel(np.asarray(yours, float)), np.ravel(np.asarray(expected, float)))


def _transposed(yours, expected, equal):
    return np.ndim(expected) == 2 and equal(np.asarray(yours, float).T, expected)


def _mirrored(axis):
    def holds(yours, expected, equal):
        return np.ndim(expected) > axis and equal(np.flip(np.asarray(yours, float), axis), expected)

    return holds


def _another_order(yours, expected, equal):
    if _several(expected) or not np.ndim(expected) or np.shape(yours) != np.shape(expected):
        return False
    return equal(_sorted(yours), _sorted(expected))


def _sorted(rows):
    rows = np.asarray(rows, float)
    rows = rows.reshape(len(rows), -1)
    return rows[np.lexsort(rows.T[::-1])]


def _sign(yours, expected, equal):
    return not _several(expected) and equal(-np.asarray(yours, float), expected)


def _indices(yours, expected, equal):
    expected = np.asarray(expected)
    return expected.dtype == bool and expected.ndim == 1 and equal(np.sort(yours), np.flatnonzero(expected))


def _center_and_size(yours, expected, equal):
    yours = np.asarray(yours, float)
    center, size = yours[..., :2], yours[..., 2:]
    return yours.shape[-1] == 4 and equal(np.concatenate([center - size / 2, center + size / 2], axis=-1), expected)


def _whole(cut):
    def holds(yours, expected, equal):
        return not _several(expected) and equal(yours, cut(np.asarray(expected, float)))

    return holds


RELATIONS = {
    "exchanged results": (_exchanged, "both results are right, but the second comes first."),
    "first result only": (_first_only, "this is the first result alone. Return all that are asked for: return a, b."),
    "last result only": (_second_only, "this is the last result alone. Return all that are asked for: return a, b."),
    "another shape": (_another_shape, "the numbers are right, and only their shape is wrong."),
    "transposed": (_transposed, "the numbers are right, but rows and columns are exchanged."),
    "reversed": (_mirrored(0), "the numbers are right, but in the opposite order: the last comes first."),
    "mirrored": (_mirrored(1), "each row is right, but in the opposite order."),
    "another order": (_another_order, "all are there, but in another order."),
    "sign": (_sign, "only the sign is wrong: yours is the expected result times -1."),
    "indices": (_indices, "these are the indices. A mask has True at these places, and False at all others."),
    "center and size": (_center_and_size, "this is the right box, but as center and size."),
    "whole numbers": (_whole(np.floor), WHOLE),
    "cut off": (_whole(np.trunc), WHOLE),
    "rounded": (_whole(np.round), "these are the expected numbers, but rounded. Do not round."),
}


SELDOM = ("indices", "whole numbers", "cut off", "rounded")


def _constant(tried):
    """Return the relation "n times" or "n more" if it holds in all cases, or None."""
    try:
        yours = np.concatenate([np.ravel(np.asarray(case.yours, float)) for case in tried])
        expected = np.concatenate([np.ravel(np.asarray(case.expected, float)) for case in tried])
    except (TypeError, ValueError, OverflowError):
        return None
    if yours.shape != expected.shape or any(np.shape(case.yours) != np.shape(case.expected) for case in tried):
        return None
    more = yours - expected
    if np.allclose(more, more[0], rtol=0, atol=1e-9) and more[0] == round(more[0]):
        return "offset", f"every number is {abs(more[0]):g} too {'large' if more[0] > 0 else 'small'}."
    counts = expected != 0
    times = yours[counts] / expected[counts]
    if counts.sum() and np.allclose(times, times[0], rtol=1e-6, atol=0) and not yours[~counts].any() and times[0] != 0:
        return "factor", f"every number is {times[0]:.4g} times what is expected."
    return None
