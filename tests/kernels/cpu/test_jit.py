"""compiled: code on disk is used again, but never after an edit, not even of a callee in another file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import numpyssd

RUN = """
import numpy as np
import numpyssd
from numpyssd.kernels.cpu.conv import winograd_weights
form = winograd_weights.transform_weights(np.ones((3, 3, 16, 16)))
loaded, made = (sum(c.values()) for c in winograd_weights._pieces.stats[1:])
print(numpyssd.__file__, loaded, made, form.sum(), sep="|")
"""
EDIT = """

@inner
def weight_transform(g0, g1, g2):
    return g0, g0, g0, g0, g0, g0
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a script with a copy of numpyssd, which has a cache of its own."""
    ignore = shutil.ignore_patterns("__pycache__", "*.npz", "*.png")
    shutil.copytree(Path(numpyssd.__file__).parent, tmp_path / "numpyssd", ignore=ignore)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    environment.pop("NUMBA_DISABLE_JIT", None)

    def function(script):
        command = [sys.executable, "-c", script]
        result = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return function


def test_code_on_disk_is_used_until_any_file_changes(run, tmp_path):
    file, loaded, made, first = run(RUN).split("|")
    assert file == str(tmp_path / "numpyssd/__init__.py")
    assert (loaded, made) == ("0", "1")
    assert run(RUN).split("|")[1:] == ["1", "0", first]
    # The function that is cached is in another file, which stays as it is, and so does what Numba looks at by itself.
    with (tmp_path / "numpyssd/kernels/cpu/conv/winograd.py").open("a") as file:
        file.write(EDIT)
    _, loaded, made, edited = run(RUN).split("|")
    assert (loaded, made) == ("0", "1")
    assert float(edited) == 36 * 16 * 16  # every value is the first entry of the kernel
    assert edited != first
    assert run(RUN).split("|")[1:] == ["1", "0", edited]


NOTHING_YET = """
import importlib, pkgutil
from numba.core.dispatcher import Dispatcher
from numpyssd.kernels import cpu
found = {}
for module in pkgutil.walk_packages(cpu.__path__, cpu.__name__ + "."):
    for name, value in vars(importlib.import_module(module.name)).items():
        if isinstance(value, Dispatcher):
            found[name] = value
assert len(found) > 20, found
assert not [name for name, value in found.items() if value.signatures], "compiled by the import"
options = {(value.targetoptions.get("nogil"), value.targetoptions.get("error_model")) for value in found.values()}
assert options == {(True, "numpy")}, options  # without Python's lock, and no check for a division by zero
"""


def test_importing_the_kernels_compiles_nothing(run):
    run(NOTHING_YET)


TIME = """
import time
import numpy
start = time.perf_counter()
import numpyssd
print(time.perf_counter() - start)
"""


def test_importing_numpyssd_takes_no_time(run):
    assert min(float(run(TIME)) for _ in range(3)) < 0.3


OUTSIDE = """
import os
os.environ["NUMBA_BOUNDSCHECK"] = "1"
import numba
import numpy as np
from numpyssd.kernels.cpu.runtime.jit import OPTIONS, inner
third = inner(lambda array, at: array[at])
try:
    numba.njit(**OPTIONS)(lambda array: third(array, 3))(np.zeros(3))
except IndexError:
    print("refused")
"""


def test_positions_outside_an_array_are_refused_when_numba_is_told_to_check(run):
    assert run(OUTSIDE) == "refused\n"  # so that the run of all kernels with NUMBA_BOUNDSCHECK=1 means something
