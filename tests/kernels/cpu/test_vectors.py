"""vectors: compiled and as plain Python the functions are the same, and so is the whole convolution."""

import os
import subprocess
import sys

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest
from numba import types

from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import OPTIONS
from numpyssd.kernels.cpu.runtime.vectors import (
    broadcast,
    lane,
    load,
    load_four,
    multiply_add,
    prefetch,
    relu,
    store,
    where_equal,
    where_greater,
    zero,
)

compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def copy(a, b, c, out):
    store(out, 3, load(a, 1))


def spread(a, b, c, out):
    store(out, 0, broadcast(a, 5))


def one_of_four(a, b, c, out):
    store(out, 0, multiply_add(lane(load_four(a, 1), 2), load(b, 0), zero(a)))


def nothing(a, b, c, out):
    store(out, 1, zero(a))


def asked_for(a, b, c, out):
    prefetch(a, 0)
    prefetch(b, 1 << 40)  # far outside, which is no error
    prefetch(c, -(1 << 40))
    store(out, 2, load(a, 0))


def fused(a, b, c, out):
    store(out, 0, multiply_add(load(a, 0), load(b, 2), load(c, 1)))


def fused_number(a, b, c, out):
    store(out, 0, multiply_add(-2.5, load(b, 2), load(c, 1)))


def plus(a, b, c, out):
    store(out, 0, load(a, 0) + load(b, 0))


def minus(a, b, c, out):
    store(out, 0, load(a, 0) - load(b, 0))


def times(a, b, c, out):
    store(out, 0, load(a, 0) * load(b, 0))


def numbers(a, b, c, out):
    store(out, 0, 0.5 * (3.0 - (0.25 + load(a, 0))))


def rectified(a, b, c, out):
    store(out, 2, relu(load(a, 0)))


def greater(a, b, c, out):
    store(out, 1, where_greater(load(a, 0), load(b, 0), load(c, 0), load(a, 1)))


def equal(a, b, c, out):
    store(out, 1, where_equal(load(a, 0), load(b, 0), load(c, 0), load(b, 1)))


EXPECTED = {  # of ``wide`` numbers; the place in ``out`` where they lie
    copy: (3, lambda a, b, c, n: a[1 : n + 1]),
    spread: (0, lambda a, b, c, n: np.repeat(a[5], n)),
    one_of_four: (0, lambda a, b, c, n: a[3] * b[:n]),
    nothing: (1, lambda a, b, c, n: np.zeros(n)),
    asked_for: (2, lambda a, b, c, n: a[:n]),
    fused: (0, lambda a, b, c, n: a[:n] * b[2 : n + 2] + c[1 : n + 1]),
    fused_number: (0, lambda a, b, c, n: -2.5 * b[2 : n + 2] + c[1 : n + 1]),
    plus: (0, lambda a, b, c, n: a[:n] + b[:n]),
    minus: (0, lambda a, b, c, n: a[:n] - b[:n]),
    times: (0, lambda a, b, c, n: a[:n] * b[:n]),
    numbers: (0, lambda a, b, c, n: (2.75 - a[:n]) / 2),
    rectified: (2, lambda a, b, c, n: np.maximum(a[:n], 0)),
    greater: (1, lambda a, b, c, n: np.where((a > b) | (np.isnan(a) & ~np.isnan(b)), c, np.roll(a, -1))[:n]),
    equal: (1, lambda a, b, c, n: np.where(a == b, c, np.roll(b, -1))[:n]),
}


@each_dtype
@pytest.mark.parametrize("function", EXPECTED, ids=lambda f: f.__name__)
def test_compiled_equals_plain_python_equals_numpy(function, dtype, rng):
    n = vectors.lanes(dtype)
    a, b, c = rng.integers(-9, 10, (3, n + 5)).astype(dtype)  # whole numbers, so that no rounding tells them apart
    if function is rectified:
        a[0], a[1], a[3], a[n - 1] = np.nan, np.nan, -np.inf, np.inf
    if function in (greater, equal):
        a[: n // 2] = b[: n // 2] + rng.integers(-1, 2, n // 2)  # some are equal
        a[0], a[1], b[0], b[n - 1] = np.nan, np.nan, np.nan, np.nan
    place, definition = EXPECTED[function]
    expected = np.full(n + 5, -77, dtype)
    expected[place : place + n] = definition(a, b, c, n)
    for version in (function, numba.njit(**OPTIONS)(function)):
        out = np.full(n + 5, -77, dtype)
        version(a, b, c, out)
        np.testing.assert_array_equal(out, expected)


@compiled
def test_what_is_asked_for_is_an_instruction_and_not_left_out():
    array = types.float32[::1]
    dispatcher = numba.njit([types.void(array, array, array, array)], **OPTIONS)(asked_for)
    assert dispatcher.inspect_llvm(dispatcher.signatures[0]).count("call void @llvm.prefetch") == 3


@each_dtype
def test_a_fused_product_is_rounded_once_where_the_processor_can(dtype):
    # (1 + e)^2 = 1 + 2 e + e^2, of which a product that is rounded keeps 1 + 2 e: then e^2 would be lost.
    features = numba.config.CPU_FEATURES
    has_fma = llvm.get_host_cpu_features().get("fma") if features is None else "+fma" in features
    has_fma = has_fma or not llvm.get_process_triple().startswith("x86")  # Arm's processors of 64 bits all have it
    e, n = np.finfo(dtype).eps, vectors.lanes(dtype)
    a, c, out = np.full(n + 2, 1 + e, dtype), np.full(n + 2, -1 - 2 * e, dtype), np.zeros(n + 2, dtype)
    numba.njit(**OPTIONS)(fused)(a, a, c, out)
    np.testing.assert_array_equal(out[:n], np.full(n, e * e if has_fma else 0, dtype))


def test_the_plain_functions_notice_a_vector_that_does_not_fit():
    array = np.zeros(2 * vectors.lanes(np.float32), np.float32)
    with pytest.raises(ValueError, match="broadcast"):
        store(array, vectors.lanes(np.float32) + 1, load(array, 0))


PLAIN = """
import sys
import llvmlite.binding
import numpy as np
llvmlite.binding.get_process_triple = lambda: sys.argv[2]  # before the kernels ask
from numpyssd.kernels import cpu, reference
from numpyssd.kernels.cpu import conv2d
from numpyssd.kernels.cpu.runtime import vectors
assert vectors.REGISTER_BYTES == int(sys.argv[1]), vectors.REGISTER_BYTES
assert vectors.BY_ELEMENT == sys.argv[2].startswith("a") <= vectors.MANY_REGISTERS
assert not hasattr(conv2d._add_rows, "py_func")  # nothing is compiled
rng = np.random.default_rng(0)
for dtype, bound in ((np.float32, 1e-4), (np.float64, 1e-12)):
    x, weight = rng.standard_normal((1, 3, 5, 16)).astype(dtype), rng.standard_normal((3, 3, 16, 17)).astype(dtype)
    bias = rng.standard_normal(17).astype(dtype)
    assert conv2d.uses_winograd(weight, 1)
    out = reference.conv2d_forward(x, weight, bias, padding=1, relu=True)
    pairs = [(cpu.conv2d_forward(x, weight, bias, padding=1, relu=True), out)]
    dout = rng.standard_normal(out.shape).astype(dtype)
    pairs += zip(*(k.conv2d_backward(dout, x, weight, padding=1, out=out) for k in (cpu, reference)))
    pairs += [(cpu.conv2d_forward(x, weight, bias, stride=2), reference.conv2d_forward(x, weight, bias, stride=2))]
    for ours, theirs in pairs:
        assert ours.dtype == dtype
        assert np.abs(ours - theirs).max() <= bound * np.abs(theirs).max()
"""


def register_bytes(**settings):
    """Return what another process finds for this processor with these settings of Numba's, and with no others."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CPU")}
    command = [sys.executable, "-c", "from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES as n; print(n)"]
    environment |= {"NUMBA_DISABLE_JIT": "1", **settings}
    return int(subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True).stdout)


def test_registers_of_this_processor():
    features = llvm.get_host_cpu_features()
    wide = 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
    assert register_bytes(NUMBA_ENABLE_AVX="1") == wide
    assert register_bytes(NUMBA_ENABLE_AVX="0") == 16  # Numba then compiles without AVX


REGISTERS = [  # features, bytes, processor
    ("", 16, "x86_64-pc-linux-gnu"),
    ("+avx512fp16", 16, "x86_64-pc-linux-gnu"),  # another name that begins with avx512f
    ("+avx2,-fma", 32, "x86_64-apple-darwin"),
    ("+avx2,+avx512f", 64, "x86_64-pc-windows-msvc"),
    ("", 16, "aarch64-unknown-linux-gnu"),
    ("", 16, "arm64-apple-darwin"),
]


@pytest.mark.parametrize(("features", "register", "processor"), REGISTERS)
def test_convolution_without_compiler_for_registers_of_any_width(features, register, processor):
    # Plain Python checks every position, and other processors' widths can be tried on this one.
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "NUMBA_CPU_FEATURES": features, "NUMPYSSD_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", PLAIN, str(register), processor]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
