"""What differs between a learner's result and the expected one: its shape, or which number, where, by how much."""

import numpy as np


def difference(yours, expected, tolerance, axes=(), name="the result"):
    """Return a sentence that says what differs, or None if nothing does.

    expected: an array or a number; or a tuple, list or dictionary of them. tolerance: of the largest number that is
    expected; 0 where nothing is rounded. axes: what the axes of an array are called.
    """
    return _difference(yours, expected, tolerance, axes, name)


def _difference(yours, expected, tolerance, axes, name, least=0.0):
    """Do what ``difference`` does; no array counts as if its largest number were smaller than ``least``."""
    if isinstance(expected, dict):
        return _of_dictionary(yours, expected, tolerance, axes, name)
    if isinstance(expected, tuple | list):
        return _of_sequence(yours, expected, tolerance, axes, name)
    try:
        numbers = None if yours is None else np.asarray(yours).astype(np.float64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        return f"{name} should be an array of numbers, and is {_kind(yours)}"
    yours, expected = np.asarray(yours), np.asarray(expected)
    if yours.shape != expected.shape:
        return f"{name} has the shape {yours.shape}, expected {expected.shape}"
    if not yours.size:
        return None
    wrong = ~(np.abs(numbers - expected) <= tolerance * max(np.abs(expected).max(), least))  # also NaN
    if not wrong.any():
        return None
    first = tuple(int(i) for i in np.argwhere(wrong)[0]) if yours.ndim else ()
    values = f"is {_number(yours[first])}, expected {_number(expected[first])}"
    many = f"; {wrong.sum()} of {wrong.size} numbers differ" if wrong.size > 1 else ""
    return f"{name}{_place(first, axes)} {values}{many}"


def same(yours, expected, tolerance):
    """Return whether two results agree."""
    return difference(yours, expected, tolerance) is None


def first_wrong(yours, expected, tolerance):
    """Return the first array that differs, and what it should be: two results as ``difference`` takes them."""
    if isinstance(expected, dict):
        pairs = [(yours[key], expected[key]) for key in expected]
    elif isinstance(expected, tuple | list):
        pairs = list(zip(yours, expected))
    else:
        return yours, expected
    return first_wrong(*next(pair for pair in pairs if not same(*pair, tolerance)), tolerance)


def _of_dictionary(yours, expected, tolerance, axes, name):
    if not isinstance(yours, dict):
        return f"{name} should be a dictionary, and is {_kind(yours)}"
    missing, more = [k for k in expected if k not in yours], [k for k in yours if k not in expected]
    if missing:
        return f"{name} has nothing under {missing[0]!r}{_others(missing)}"
    if more:
        return f"{name} has something under {more[0]!r}, which is no name of a weight{_others(more)}"
    # Where everything cancels, an array holds nothing but rounding: small is what is small beside the largest of all.
    least = max(np.abs(value).max() for value in expected.values()) / 1000
    found = {k: _difference(yours[k], expected[k], tolerance, axes, f"{name}[{k!r}]", least) for k in expected}
    wrong = [k for k in found if found[k]]
    if not wrong:
        return None
    right = f"; right are {_names(found, wrong)}" if len(wrong) < len(found) else ""
    return f"{found[wrong[0]]}{_others(wrong)}{right}"


def _of_sequence(yours, expected, tolerance, axes, name):
    if not isinstance(yours, tuple | list):
        return f"{name} should be {len(expected)} things, and is {_kind(yours)}"
    if len(yours) != len(expected):
        return f"{name} should be {len(expected)} things, and is {len(yours)}"
    for number, (mine, right) in enumerate(zip(yours, expected)):
        words = difference(mine, right, tolerance, axes, f"{name}[{number}]")
        if words:
            return words
    return None


def _place(index, axes):
    if not index:
        return ""
    plain = "[" + ", ".join(map(str, index)) + "]"
    if len(axes) != len(index):
        return plain
    return f"{plain} ({', '.join(f'{axis} {i}' for axis, i in zip(axes, index))})"


def _others(names):
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""


def _names(found, wrong):
    right = [k for k in found if k not in wrong]
    return ", ".join(right[:4]) + (f" and {len(right) - 4} more" if len(right) > 4 else "")


def _number(value):
    return f"{value:.6g}" if np.issubdtype(type(value), np.floating) else str(value)


def _kind(value):
    return "nothing" if value is None else f"a {type(value).__name__}"
