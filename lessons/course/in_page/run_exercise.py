"""Runs the code of an exercise in a page: inside of the worker, in Pyodide, where no Matplotlib is."""

import ast
import contextlib
import io
import linecache
import sys
import traceback
import types

try:
    import tqdm
except ImportError:  # numpyssd's progress bars, which a page has no place for
    sys.modules["tqdm"] = types.ModuleType("tqdm")
    sys.modules["tqdm"].tqdm = lambda items=(), **_: items

YOURS = "<your code>"
known, done, missing = {"__name__": "__main__"}, set(), {}  # names of this page; what was run; packages that names need


def run_exercise(before, code):
    """Run what the lesson gives and then the code, with the names of earlier runs; return all that was printed."""
    out = io.StringIO()
    linecache.cache[YOURS] = (len(code), None, code.splitlines(True), YOURS)  # so that the checker can name a line
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            if before not in done:
                _prepare(before)
                done.add(before)
            exec(compile(code, YOURS, "exec"), known)
        except SyntaxError as error:
            print("".join(traceback.format_exception_only(error)))
        except BaseException as error:  # also KeyboardInterrupt and SystemExit: the page goes on
            print(_words(error))
    return out.getvalue()


def _prepare(before):
    """Run the statements of the lesson; an import that fails here matters only if its names are used."""
    for statement in ast.parse(before).body:
        try:
            exec(compile(ast.Module([statement], []), "<the lesson>", "exec"), known)
        except ImportError as error:
            missing.update({alias.asname or alias.name: error.name for alias in statement.names})


def _words(error):
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == YOURS]
    place = f"in line {lines[-1]}: " if lines else ""
    package = missing.get(error.name) if isinstance(error, NameError) else None
    needs = f"\n{error.name} needs {package}, which is not in this page: run the lesson in Jupyter." if package else ""
    return f"{place}{type(error).__name__}: {error}{needs}"
