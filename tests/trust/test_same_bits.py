"""The same seed gives the same bits: one thread or two, a new process, a kernel cache that is cold, warm or damaged."""

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

import numpyssd
from benchmarks import same_bits
from numpyssd.weights.formats.npz import read

PLACES = os.pathsep.join([str(Path(numpyssd.__file__).parents[1]), str(Path(__file__).parents[1])])
TRAIN = """
import sys
from pathlib import Path
from numpyssd.datasets.shapes import ShapesDataset
from short_run import short_run
Path(sys.argv[1]).mkdir()
short_run(sys.argv[1], ShapesDataset(2, split="val"), batch_size=3, iterations=8).run()
from numba.core.dispatcher import Dispatcher
import gc
ours = [d for d in gc.get_objects() if isinstance(d, Dispatcher) and d.py_func.__module__.startswith("numpyssd")]
print("compiled:", sum(sum(d.stats.cache_misses.values()) for d in ours if d._cache.cache_path))
print("loaded:", sum(sum(d.stats.cache_hits.values()) for d in ours))
"""


def start(script, cache, *arguments, threads=2, backend="cpu"):
    environment = {**os.environ, "PYTHONPATH": PLACES, "NUMBA_CACHE_DIR": str(cache), "NUMPYSSD_BACKEND": backend}
    environment["NUMPYSSD_THREADS"] = str(threads)
    environment.pop("NUMBA_DISABLE_JIT", None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], env=environment, **pipes)


def finish(process):
    out, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    return {line.split(":")[0]: int(line.split()[1]) for line in out.splitlines() if line.startswith(("comp", "load"))}


def test_threads_processes_and_caches(tmp_path):
    """Two processes compile into one empty cache at once, then others find it warm."""
    cache, found = tmp_path / "cache", {}
    for name, process in [
        (f"cold, {threads} threads", start(TRAIN, cache, tmp_path / f"cold{threads}", threads=threads))
        for threads in (1, 2)
    ]:
        found[name] = finish(process)
    for threads in (1, 2):
        found[f"warm, {threads} threads"] = finish(start(TRAIN, cache, tmp_path / f"warm{threads}", threads=threads))
    print(found)
    assert all(found[f"cold, {threads} threads"]["compiled"] > 0 for threads in (1, 2))  # at once, then
    for threads in (1, 2):
        assert found[f"warm, {threads} threads"]["compiled"] == 0
        assert found[f"warm, {threads} threads"]["loaded"] > 10
    expected = read(tmp_path / "cold1" / "last.npz")[1]
    for name in ("cold2", "warm1", "warm2"):
        arrays = read(tmp_path / name / "last.npz")[1]
        assert list(arrays) == list(expected)
        for key, array in expected.items():
            np.testing.assert_array_equal(arrays[key], array, err_msg=f"{name}: {key}")
    assert not [path for path in cache.rglob("*") if ".tmp." in path.name]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_reference_gives_itself_the_same_bits(tmp_path, threads):
    for name in ("a", "b"):
        finish(start(TRAIN, tmp_path, tmp_path / name, threads=threads, backend="reference"))
    a, b = (read(tmp_path / name / "last.npz")[1] for name in ("a", "b"))
    for key, array in a.items():
        np.testing.assert_array_equal(array, b[key], err_msg=key)


SMALL = """
import numpy as np
from numpyssd.kernels.cpu import arrays
value, velocity = np.ones(32, np.float32), np.zeros(32, np.float32)
arrays.sgd_step(value, value.copy(), velocity, 0.5, 0.9, 0.0)
assert value.sum() == 16
print("compiled:", sum(arrays._sgd_step.stats.cache_misses.values()))
print("loaded:", sum(arrays._sgd_step.stats.cache_hits.values()))
"""


def test_a_damaged_cache_and_a_place_that_cannot_be_written(tmp_path):
    cache = tmp_path / "cache"
    assert finish(start(SMALL, cache)) == {"compiled": 1, "loaded": 0}
    assert finish(start(SMALL, cache)) == {"compiled": 0, "loaded": 1}
    for path in cache.rglob("*.nb?"):
        path.write_bytes(path.read_bytes()[:-7])
    assert finish(start(SMALL, cache)) == {"compiled": 1, "loaded": 0}
    assert finish(start(SMALL, cache)) == {"compiled": 0, "loaded": 1}
    (tmp_path / "file").touch()
    assert finish(start(SMALL, tmp_path / "file" / "no folder"))  # the code goes elsewhere, or is not kept


def test_processors_with_a_fused_multiply_add_give_the_same_bits():
    # The sums of a block are added in the order of k, whatever the width of a vector. Without the instruction (generic)
    # each product is rounded before it is added: other bits.
    if not {"avx2", "avx512f"} <= {name for name, there in llvm.get_host_cpu_features().items() if there}:
        pytest.skip("this processor has not both AVX2 and AVX-512")
    narrow, wide = same_bits.digests_of("AVX2"), same_bits.digests_of("AVX-512")
    assert len(narrow) == 20
    assert narrow == wide
