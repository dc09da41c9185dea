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
    features = numba.config.CPU_FEATURES
    has = llvm.get_host_cpu_features().get if features is None else lambda name: f"+{name}" in features
    return 64 if has("avx512f") else 32 if has("avx2") else 16


REGISTER_BYTES = _register_bytes()
MANY_REGISTERS = REGISTER_BYTES == 64 or not llvm.get_process_triple().startswith("x86")  # 32 of them, not 16


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


def zero(array):
    """Return the vector of zeros of an array's dtype."""
    return np.zeros(REGISTER_BYTES // array.itemsize, array.dtype)


def multiply_add(a, b, c):
    """Return a * b + c; a may be a number. Rounded once where the processor has such an instruction, else twice."""
    return np.asarray(a * b + c, c.dtype)


def relu(a):
    """Return max(a, 0), and NaN for NaN."""
    return np.where(a < 0, a.dtype.type(0), a)
