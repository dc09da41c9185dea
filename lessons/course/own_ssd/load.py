"""A learner's file as a module, or one sentence that says what is wrong with it."""

import inspect
import traceback
from pathlib import Path
from types import ModuleType

from lessons.own_ssd import my_ssd_blank
from numpyssd.errors import InputError, refuse_pipe

BLANK = "lessons/own_ssd/my_ssd_blank.py"
COPY = f"copy {BLANK} and fill it in"


def load(path):
    """Return the module in a file. Raises InputError if it cannot be read or run, or lacks a function."""
    path = Path(path)
    refuse_pipe(path)
    if not path.is_file():
        raise InputError(f"there is no file {path}; {COPY}")
    try:
        text = path.read_text(encoding="utf-8")
        code = compile(text, str(path), "exec")
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); {COPY}") from None
    except SyntaxError as reason:
        raise InputError(
            f"{path}, line {reason.lineno}: {reason.msg}; Python cannot read it before this is mended"
        ) from None
    except ValueError as reason:  # no UTF-8, or a zero byte
        raise InputError(f"{path} is not a text in UTF-8 ({reason}); {COPY}") from None
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(code, module.__dict__)
    except Exception as reason:
        line = next((f.lineno for f in traceback.extract_tb(reason.__traceback__) if f.filename == str(path)), 1)
        words = f"{type(reason).__name__}: {reason}"
        raise InputError(f"{path}, line {line}: {words}; the file must run before its functions can") from None
    _check_functions(module, path)
    return module


def functions():
    """Return the functions that a file has, by name, in their order: those of the blank."""
    return {name: value for name, value in vars(my_ssd_blank).items() if inspect.isfunction(value)}


def _check_functions(module, path):
    for name, blank in functions().items():
        own = getattr(module, name, None)
        if not callable(own):
            raise InputError(f"{path} has no function {name}; copy its head from {BLANK}")
        try:
            inspect.signature(own).bind(*inspect.signature(blank).parameters)
        except TypeError:
            wanted = ", ".join(inspect.signature(blank).parameters)
            raise InputError(f"{path}: {name} should take ({wanted}), as in {BLANK}") from None
    for name in ("SIZE", "CLASSES", "MAPS", "LAYERS"):
        if getattr(module, name, None) != getattr(my_ssd_blank, name):
            raise InputError(
                f"{path}: {name} is not that of {BLANK}, so that nothing can be compared; copy it from there"
            )
