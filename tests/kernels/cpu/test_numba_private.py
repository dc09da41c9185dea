"""The private parts of Numba that are used, each with a test that says which Numba to install when one is gone.

docs/versions.md lists them too. What is used of Numba-CUDA is public, and requirements-cuda.txt names its version.
"""

import ast
import pkgutil
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import types

import numpyssd
from numpyssd.kernels import cpu
from numpyssd.kernels.cpu.runtime import code_cache, jit
from numpyssd.kernels.cpu.runtime.code_cache import CodeCache, keep_on_disk
from numpyssd.kernels.cpu.runtime.vectors import lanes, load, multiply_add, store

ON_DISK, VECTORS, SETTINGS = "keeping compiled code on disk", "the vectors in compiled code", "what the user has set"
SHARED = "the numbers that threads share in compiled code"
PARTS = [  # what is used, in which file of kernels/cpu/runtime, and for what
    ("numba.core.caching.IndexDataCacheFile", "code_cache.py", ON_DISK),
    ("numba.core.cgutils.get_or_insert_function", "vector_lowering.py", VECTORS),
    ("numba.core.typing.templates.AbstractTemplate", "vector_lowering.py", VECTORS),
    ("numba.core.typing.templates.infer_global", "vector_lowering.py", VECTORS),
    ("numba.core.typing.templates.signature", "vector_lowering.py", VECTORS),
    ("numba.extending.lower_builtin", "vector_lowering.py", VECTORS),
    ("numba.extending.models", "vector_lowering.py", VECTORS),
    ("numba.extending.register_model", "vector_lowering.py", VECTORS),
    ("numba.core.cgutils.get_or_insert_function", "atomics_lowering.py", SHARED),
    ("numba.extending.intrinsic", "atomics_lowering.py", SHARED),
    ("numba.extending.overload", "atomics_lowering.py", SHARED),
    ("numba.config.CACHE_DIR", "jit.py", SETTINGS),
    ("numba.config.DISABLE_JIT", "jit.py", SETTINGS),
    ("numba.config.DISABLE_JIT", "team.py", SETTINGS),
    ("numba.config.CPU_FEATURES", "vectors.py", SETTINGS),
    ("numba.config.ENABLE_AVX", "vectors.py", SETTINGS),
]
METHODS = [(name, "code_cache.py", ON_DISK) for name in code_cache.PRIVATE]
compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


def gone(what, file, purpose):
    version = numba.__version__
    return (
        f"Numba {version} no longer has {what}, which numpyssd/kernels/cpu/runtime/{file} uses for {purpose}; "
        f"until numpyssd follows, install numba<{version}"
    )


@pytest.mark.parametrize(("name", "file", "purpose"), PARTS)
def test_each_part_is_there(name, file, purpose):
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        pytest.fail(gone(name, file, purpose))


@pytest.mark.parametrize(("name", "file", "purpose"), METHODS)
def test_each_method_of_the_cache_is_there(name, file, purpose, tmp_path):
    cache = numba.core.caching.IndexDataCacheFile(str(tmp_path), "name", "stamp")
    assert hasattr(cache, name), gone(f"IndexDataCacheFile.{name}", file, purpose)


def plus(a, b):
    return a + b


@compiled
def test_numba_uses_the_cache_that_is_put_in_the_place_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    found = []
    for _ in range(2):
        dispatcher = numba.njit(cache=True)(plus)
        assert hasattr(dispatcher._cache, "_cache_file"), gone(
            "Dispatcher._cache._cache_file", "code_cache.py", ON_DISK
        )
        keep_on_disk(dispatcher, "stamp")
        assert isinstance(dispatcher._cache._cache_file, CodeCache)
        assert dispatcher(1, 2) == 3
        found.append((sum(dispatcher.stats.cache_hits.values()), sum(dispatcher.stats.cache_misses.values())))
    name, index = sorted(path.name for path in tmp_path.rglob("*.nb?"))
    why = gone("a dispatcher that asks _cache._cache_file for its code", "code_cache.py", ON_DISK)
    assert len(name.split(".")[-2]) == 16, why  # our digest, where Numba has a number
    assert index.endswith(".nbi")
    assert found == [(0, 1), (1, 0)], why


@compiled
def test_numba_has_no_option_of_any_name_but_these():
    with pytest.raises(Exception, match="no_such_option"):  # so the next line means something
        numba.njit(no_such_option=True)(plus)(1, 2)
    twice = numba.njit(no_cpython_wrapper=True, **jit.OPTIONS)(lambda a: 2 * a)
    assert numba.njit(**jit.OPTIONS)(lambda a: twice(a) + 1)(3) == 7


@compiled
def test_vectors_are_compiled_as_declared():
    def code(a, b):
        store(b, 0, multiply_add(load(a, 0), load(b, 0), load(a, 0)))

    a = np.arange(lanes(np.float32), dtype=np.float32)
    b = a + 1
    numba.njit([types.void(types.float32[::1], types.float32[::1])], **jit.OPTIONS)(code)(a, b)
    np.testing.assert_array_equal(b, a * (a + 1) + a)


def used():
    """Return the names of PARTS that are in the sources: imports below numba.core and numba.extending, and config's."""
    found = set()
    for path in Path(cpu.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("numba.core", "numba.extending")):
                found |= {(f"{node.module}.{alias.name}", path.name) for alias in node.names}
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if text.startswith(("numba.config.", "cgutils.", "numba.core.")):
                found.add((text.replace("cgutils.", "numba.core.cgutils."), path.name))
    return {(name, file) for name, file in found if name != "numba.core.cgutils"}  # its functions are counted


def test_the_list_is_complete():
    assert used() == {(name, file) for name, file, _ in PARTS}


def test_the_page_lists_the_same():
    text = (Path(numpyssd.__file__).parents[1] / "docs/versions.md").read_text(encoding="utf-8")
    for name, file, _ in PARTS + METHODS:
        assert f"`{name}`" in text or f"`{name.rpartition('.')[2]}`" in text, name
        assert f"`numpyssd/kernels/cpu/runtime/{file}`" in text
