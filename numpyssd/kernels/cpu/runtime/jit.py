"""Numba's compiler with one change: compiled code is kept on disk for as long as *no* file of this folder changes.

Numba's own cache looks at the file of a function only. A function that calls one of another file would go on with the
old code of that one after an edit (a test edits a callee and looks). A digest of all files here takes its place.
"""

import hashlib
from pathlib import Path

import numba

from numpyssd.kernels.cpu.runtime.code_cache import keep_on_disk

OPTIONS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
SOURCES = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parents[1].rglob("*.py")))
).hexdigest()


def njit(function):
    """Compile a function that Python calls, at its first call, without Python's lock, and keep the result on disk."""
    if numba.config.DISABLE_JIT:
        return function
    try:
        return keep_on_disk(numba.njit(cache=True, **OPTIONS)(function), SOURCES)
    except RuntimeError:  # no folder for the code can be written: it is compiled at each start
        return numba.njit(**OPTIONS)(function)


def inner(function):
    """Compile a function that only compiled functions call; it becomes a part of them, on disk too.

    What Python needs to call it is left out, which halves the time to compile it: never call it from Python.
    """
    return numba.njit(no_cpython_wrapper=True, **OPTIONS)(function)
