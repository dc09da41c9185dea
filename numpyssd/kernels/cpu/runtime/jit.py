"""Numba's compiler with one change: compiled code is kept on disk until *any* file of kernels/cpu changes.

Numba's own cache looks only at the file of the function. A function that calls one of another file would keep the old
code of that one after an edit (a test edits a callee and looks). Here a digest of all files decides instead.
"""

import hashlib
import os
from pathlib import Path

import numba

from numpyssd.kernels.cpu.runtime.code_cache import keep_on_disk

try:
    # These tell Numba what a vector is, and what threads share.
    from numpyssd.kernels.cpu.runtime import atomics_lowering, vector_lowering  # noqa: F401
except (ImportError, AttributeError) as reason:  # private parts of Numba, which docs/versions.md lists
    fitting = f"install numba<{numba.__version__}, or use --backend reference"
    raise ImportError(f"Numba {numba.__version__} is too new for the backend cpu ({reason}); {fitting}") from None

OPTIONS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
FOLDER = Path(__file__).parents[1]
SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(FOLDER.rglob("*.py")))).hexdigest()
NO_FOLDER = "set NUMBA_CACHE_DIR to a folder that can be written"
NOT_KEPT: dict[str, str] = {}  # each function that every process compiles again, and what its user can do about it


def njit(function):
    """Compile a function that Python calls, at its first call, without Python's lock, and keep the result on disk."""
    if numba.config.DISABLE_JIT:
        return function
    cure = NO_FOLDER
    if _may_look_for_a_folder():
        try:
            return keep_on_disk(numba.njit(cache=True, **OPTIONS)(function), SOURCES)
        except RuntimeError:  # none of Numba's folders can be written
            pass
        except AttributeError as reason:  # of a later Numba
            cure = str(reason)
    NOT_KEPT[function.__name__] = cure
    return numba.njit(**OPTIONS)(function)


def _may_look_for_a_folder():
    """Return False where a user has no home: Numba would then make a folder named "~" in the current one."""
    given = numba.config.CACHE_DIR or os.environ.get("XDG_CACHE_HOME") or os.access(FOLDER, os.W_OK)
    return bool(given) or os.path.expanduser("~") != "~"


def inner(function, **options):
    """Compile a function that only compiled functions call; it becomes a part of them, on disk too.

    The wrapper that Python needs for a call is left out, which halves the time to compile: never call it from Python.
    """
    return numba.njit(no_cpython_wrapper=True, **OPTIONS, **options)(function)


def unrolled(name, lines, names, **options):
    """Compile the function ``name`` from generated lines of Python: loops written out, each sum a variable.

    names: what the lines refer to. Each function needs a name of its own: compiled code on disk finds its parts by
    name, so two functions of one name could be taken for each other. options: of numba.njit.
    """
    namespace = dict(names)
    exec("\n".join(lines), namespace)
    return inner(namespace[name], **options)
