"""Vectors as values in compiled code: the numbers that a register holds, added and multiplied by one instruction.

Compilers vectorize simple loops by themselves. A matrix product is not simple enough: it is fast only if a block of
sums stays in registers from the first product to the last, and for that the code must name the registers.

    a = load(array, 32)           # array[32], array[33], ... as many as fit
    a = multiply_add(a, b, a)     # a * b + a, one instruction where the processor has it
    store(array, 32, a)

The functions below are plain NumPy; vector_lowering.py tells Numba which instructions they become. Arrays are
1-D and contiguous. Compiled code checks no positions; with NUMBA_DISABLE_JIT=1 NumPy runs, and checks them.
"""

import llvmlite.binding as llvm
import numba
import numpy as np


def _register_bytes():
    # The same question that Numba asks when it compiles, so that compiled code kept on disk fits the answer.
    asked = numba.config.CPU_FEATURES
    if asked is None:
        features = {name for name, is_there in llvm.get_host_cpu_features().items() if is_there}
        features = features if numba.config.ENABLE_AVX else set()  # Numba avoids an early AVX; a user may, too
    else:
        features = {name[1:] for name in asked.split(",") if name.startswith("+")}
    return 64 if "avx512f" in features else 32 if "avx2" in features else 16


PROCESSOR = llvm.get_process_triple().partition("-")[0]
REGISTER_BYTES = _register_bytes()
MANY_REGISTERS = REGISTER_BYTES == 64 or not PROCESSOR.startswith("x86")  # 32 of them, not 16
BY_ELEMENT = PROCESSOR in ("aarch64", "arm64")  # an instruction can multiply a vector by one number of another


def lanes(dtype):
    """Return how many numbers of a dtype a vector holds."""
    return REGISTER_BYTES // np.dtype(dtype).itemsize


def load(array, at):
    """Return the vector that begins at array[at]."""
    return array[at : at + REGISTER_BYTES // array.itemsize].copy()


def store(array, at, vector):
    """Write a vector to array[at] and the following entries."""
    array[at : at + REGISTER_BYTES // array.itemsize] = vector


def broadcast(array, at):
    """Return the vector of which every number is array[at]."""
    return np.full(REGISTER_BYTES // array.itemsize, array[at])


def load_four(array, at):
    """Return the four numbers that begin at array[at], as a vector of four."""
    return array[at : at + 4].copy()


def lane(four, i):
    """Return the vector of which every number is four[i]; on Arm it is a part of the instruction that multiplies."""
    return np.full(REGISTER_BYTES // four.itemsize, four[i])


def prefetch(array, at):
    """Ask for array[at], and what shares its cache line, to be brought into the cache; ``at`` may lie outside."""


def zero(array):
    """Return the vector of zeros of an array's dtype."""
    return np.zeros(REGISTER_BYTES // array.itemsize, array.dtype)


def multiply_add(a, b, c):
    """Return a * b + c; a may be a number. Rounded once where the processor has such an instruction, else twice."""
    return np.asarray(a * b + c, c.dtype)


def relu(a):
    """Return max(a, 0), and NaN for NaN."""
    return np.where(a < 0, a.dtype.type(0), a)


def where_greater(a, b, x, y):
    """Return x where a > b and y elsewhere; a NaN is greater than every number."""
    return np.where((a > b) | ((a != a) & (b == b)), x, y)


def where_equal(a, b, x, y):
    """Return x where a equals b and y elsewhere."""
    return np.where(a == b, x, y)
