"""JSON that others wrote: what a file holds, the error that says where it is broken, and what counts as a number."""

import json
from math import isfinite
from pathlib import Path

from numpyssd.errors import InputError


def parsed(content: bytes | str, path: Path, remedy: str, object_hook=None):
    """Return the value that the content of a file holds. Raises InputError, which ends with the remedy.

    object_hook: a function that each dictionary passes through, as in ``json.loads``.
    """
    try:
        return json.loads(content, object_hook=object_hook)
    except json.JSONDecodeError as reason:
        where = f"line {reason.lineno}, column {reason.colno}"
        raise InputError(f"{path}, {where}: the JSON is broken ({reason.msg}); {remedy}") from None
    except (ValueError, RecursionError) as reason:  # no UTF-8; numbers of thousands of digits; lists in lists in lists
        raise InputError(f"{path} cannot be read as JSON ({reason}); {remedy}") from None


def is_number(value) -> bool:
    """Return whether a value is a finite number (JSON's own NaN and Infinity are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and isfinite(value)
