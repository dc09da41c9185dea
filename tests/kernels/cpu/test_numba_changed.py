"""With a Numba whose private parts are others: code is not kept on disk, or one sentence says what to install."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import numpyssd
from numpyssd.kernels.cpu.runtime import code_cache, jit
from numpyssd.kernels.cpu.runtime.code_cache import CodeCache

ROOT = Path(numpyssd.__file__).parents[1]
TOO_NEW = f"Numba {numba.__version__} is too new for "
OLDER = f"install numba<{numba.__version__}"


def plus(a, b):
    return a + b


@pytest.mark.parametrize("name", code_cache.PRIVATE)
def test_where_a_method_is_gone_code_is_compiled_and_not_kept(name, monkeypatch):
    class Changed(CodeCache):
        def __init__(self, *arguments):
            super(CodeCache, self).__init__(*arguments)

        def __getattribute__(self, asked):
            if asked == name:
                raise AttributeError(f"no {asked}")
            return super().__getattribute__(asked)

    monkeypatch.setattr(jit, "NOT_KEPT", {})
    monkeypatch.setattr(code_cache, "CodeCache", Changed)
    assert jit.njit(plus)(1, 2) == 3
    expected = {} if numba.config.DISABLE_JIT else {"plus": f"{TOO_NEW}that (no {name}): {OLDER}"}
    assert expected == jit.NOT_KEPT


def test_what_numba_refuses_to_keep_is_no_reason_to_stop(tmp_path, monkeypatch):
    cache = CodeCache(str(tmp_path), "f-1.py311", "stamp")
    monkeypatch.setattr(cache, "_dump", lambda data, more: b"")  # another signature
    cache.save("key", "code")
    assert cache.load("key") is None


REMOVED = """
import importlib, sys, types
import numba.core.caching
name = sys.argv[1]
if name.startswith("_"):
    delattr(numba.core.caching.IndexDataCacheFile, name)
else:  # gone for us; Numba has it
    module, name = name.rsplit(".", 1)
    everything = vars(importlib.import_module(module))
    sys.modules[module] = types.ModuleType(module)
    vars(sys.modules[module]).update((key, value) for key, value in everything.items() if key != name)
"""
RELU = """
import numpy as np
from numpyssd.kernels import cpu
from numpyssd.kernels.cpu.runtime.jit import NOT_KEPT
print(*cpu.relu_forward(np.array([-1, 2, 3], np.float32)), *set(NOT_KEPT.values()), sep="|")
"""
BENCHMARK = """
from numpyssd import benchmark
from numpyssd.cli import command
command.run(benchmark.main, [])
"""


def run_without(name, script, folder):
    """Return the code of a script, what it prints and what it complains of, with a Numba that lacks a part."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache")}
    environment.pop("NUMBA_DISABLE_JIT", None)
    command = [sys.executable, "-c", REMOVED + script, name]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize("name", ["numba.core.caching.IndexDataCacheFile", "_open_for_write"])
def test_kernels_without_the_cache_are_compiled_each_time(name, tmp_path):
    code, out, err = run_without(name, RELU, tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith(f"0.0|2.0|3.0|{TOO_NEW}that (")
    assert out.endswith(f"): {OLDER}\n")
    assert not list(tmp_path.rglob("*.nbi"))


def test_a_command_without_the_vectors_says_which_numba_to_install(tmp_path):
    code, _, err = run_without("numba.core.typing.templates.infer_global", BENCHMARK, tmp_path)
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith(f"error: {TOO_NEW}the backend cpu (cannot import name ")
    assert err.endswith(f"{OLDER}, or use --backend reference\n")
