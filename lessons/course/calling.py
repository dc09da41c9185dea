"""Calling a learner's function: on copies, for a limited time, and noticing what it does besides returning."""

import contextlib
import copy
import inspect
import io
import signal
import sys
import threading
import traceback
from typing import NamedTuple

import numpy as np

SECONDS = 10  # the cases are tiny: what takes longer does not end


class TooSlow(BaseException):
    """Not an Exception, because a learner's own ``except Exception`` must not catch it."""


class Call(NamedTuple):
    """What came of a call. error: what stopped it, or None. changed: the name of an argument that it changed."""

    result: object
    error: BaseException | None
    changed: str | None
    printed: bool


def call(function, arguments, seconds=None):
    """Call a function, and return the Call; what it prints is printed. It is stopped after some seconds, or SECONDS."""
    given, result, error = copy.deepcopy(arguments), None, None
    with contextlib.redirect_stdout(_Noticed(sys.stdout)) as out:
        try:
            with _limited(seconds or SECONDS):
                result = function(*given)
        except (Exception, TooSlow) as stopped:
            error = stopped
    changed = [n for n, (before, after) in enumerate(zip(arguments, given)) if not _unchanged(before, after)]
    return Call(result, error, _parameter(function, changed[0]) if changed else None, out.used)


def quiet_call(function, arguments, seconds=None):
    """Return the result of a function, or the error that stopped it; nothing is shown."""
    with np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        made = call(function, arguments, seconds)
    return made.result if made.error is None else made.error


def where(error):
    """Return the line of the learner's own code at which it stopped."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    return f"in line {frames[0].lineno}: {frames[0].line}" if frames else "when it was called: do its arguments fit?"


class _Noticed:
    """A stream that passes everything on, and knows whether there was anything."""

    def __init__(self, stream):
        self.stream, self.used = stream, False

    def write(self, text):
        self.used = True
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


@contextlib.contextmanager
def _limited(seconds):
    """Raise TooSlow after some seconds, where that is possible: not on Windows, and not in another thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # and again each second: a bare except may have caught it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def _unchanged(before, after):
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_unchanged(before[key], after[key]) for key in before)
    return not isinstance(before, int | float | str) or before == after or before != before


def _parameter(function, number):
    try:
        return list(inspect.signature(function).parameters)[number]
    except (ValueError, TypeError, IndexError):  # *arguments, or a function that is not written in Python
        return f"number {number + 1}"
