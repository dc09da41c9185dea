"""Whether a file's tests notice a mutant: they run in a copy of this process that imports it in the file's place.

Nothing on the disk is changed, and what takes long to import is imported once, before the copies are made.
"""

import gc
import importlib.abc
import importlib.util
import os
import signal
import sys
import time

import pytest

# Without what only looks for leaks and explains failures, which takes as long as the tests.
OPTIONS = ["-q", "-x", "--tb=no", "--assert=plain"]
OPTIONS += [f"-pno:{plugin}" for plugin in ("cacheprovider", "unraisableexception", "threadexception")]
KILLED, SURVIVED, TOO_SLOW = "killed", "survived", "too slow"


class _Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, name, path, source):
        self.name, self.path, self.source = name, path, source

    def find_spec(self, fullname, path=None, target=None):
        return importlib.util.spec_from_loader(fullname, self, origin=self.path) if fullname == self.name else None

    def exec_module(self, module):
        module.__file__ = self.path
        exec(compile(self.source, self.path, "exec"), module.__dict__)


def preload():
    """Import what all the tests need, but nothing of numpyssd, and make hypothesis try the same in every run."""
    import hypothesis.extra.numpy
    import matplotlib.figure  # noqa: F401
    import numba  # noqa: F401

    phases = hypothesis.Phase.explicit, hypothesis.Phase.generate  # a failure is enough: it need not be made small
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, phases=phases)
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"  # tests/conftest.py takes it
    gc.freeze()  # the copies need not look through all this for garbage


def try_out(path, source, tests, limit):
    """Return KILLED, SURVIVED or, after limit seconds, TOO_SLOW for the file at path with that source, and seconds."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _run_tests(path, source, tests)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        seconds = time.monotonic() - start
        if done:
            return SURVIVED if os.waitstatus_to_exitcode(status) == 0 else KILLED, seconds
        if seconds > limit:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return TOO_SLOW, seconds
        time.sleep(0.01)


def _run_tests(path, source, tests):
    code = 70
    try:
        os.setpgid(0, 0)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.meta_path.insert(0, _Replaced(path.removesuffix(".py").replace("/", "."), os.path.abspath(path), source))
        code = pytest.main([*OPTIONS, *tests])
    finally:
        os._exit(code)
