"""Runs CUDA kernels on the processor: the very code that Numba types for the GPU, every thread of it a fibre.

typed_code.py gets that code from Numba, and makes the GPU's own questions in it (which thread am I, where is the
shared memory, wait for the others) calls into fibers.c; LLVM compiles it for this processor. So the kernel's types,
index arithmetic and barriers are what is tested; what NVIDIA's compiler makes of them afterwards is not. Shared memory
is full of 0xFF before each block (NaN as float32).
"""

import ctypes
import ctypes.util
import functools
import math
import os
import struct
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
from typed_code import GUARD, for_this_machine, typed_text

LARGE = 1 << 15  # threads of a launch from which on two processors are used
WRONG = {1: "some threads wait at a barrier that others never reach", 2: "shared memory is written out of bounds"}


class KernelError(AssertionError):
    """A kernel did what a GPU forgives in no sure way: a divergent barrier, or shared memory out of bounds."""


@functools.cache
def _library():
    """Compile fibers.c into a temporary folder, and tell LLVM where its functions and those of mathematics are."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fibers.so"
        source = Path(__file__).with_name("fibers.c")
        # Without the fortification, which takes a jump to another stack for an attack.
        options = ["-O2", "-shared", "-fPIC", "-U_FORTIFY_SOURCE", "-Wall", "-Werror"]
        subprocess.run([os.environ.get("CC", "cc"), *options, "-o", path, source], check=True)
        library = ctypes.CDLL(str(path))
    questions = [f"{what}_{axis}" for what in ("tid", "ctaid", "ntid", "nctaid") for axis in "xyz"]
    for name in (*questions, "barrier", "shared"):
        llvm.add_symbol(f"fibers_{name}", _address(library, f"fibers_{name}"))
    mathematics = ctypes.CDLL(ctypes.util.find_library("m"))
    for name in ("sqrt", "exp", "exp2", "log", "log2", "log1p", "expm1", "pow", "fmax", "fmin", "fma", "fabs", "floor",
                 "ceil", "round", "sin", "cos", "tanh"):  # fmt: skip
        llvm.add_symbol(f"__nv_{name}", _address(mathematics, name))
        llvm.add_symbol(f"__nv_{name}f", _address(mathematics, f"{name}f"))
    library.fibers_run.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_uint64] * 5 + [ctypes.c_int] * 2 + [ctypes.c_void_p]
    return library


def _address(library, name):
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value


class Executable:
    """A kernel for this processor; call it with a grid, a block, arrays and numbers."""

    def __init__(self, kernel, signature):
        self.library = _library()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
        text, shared, self.count = for_this_machine(typed_text(kernel, signature), machine)
        self.barriers = 'call void @"fibers_barrier"()' in text
        self.in_use = np.zeros(sum(shared[-1]) + GUARD if shared else 0, np.uint8)
        for first, count in shared:
            self.in_use[first : first + count] = 1
        module = llvm.parse_assembly(text)
        module.verify()
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        llvm.create_pass_builder(machine, options).getModulePassManager().run(
            module, llvm.create_pass_builder(machine, options)
        )
        self.engine = llvm.create_mcjit_compiler(module, machine)
        self.engine.finalize_object()
        self.start = self.engine.get_function_address("start")

    def __call__(self, grid, block, arguments, seed=0):
        """Run all blocks. seed: 0 for threads and blocks in order, any other for an order of its own."""
        words = np.array([word for argument in arguments for word in _words(argument)], np.uint64)
        assert len(words) == self.count, f"{len(words)} words for {self.count} parameters"
        grid, block = np.array(grid, np.uint32), np.array(block, np.uint32)
        blocks = math.prod(map(int, grid))
        start, step = _walk(blocks, seed)

        def run(first, last):
            numbers = [a.ctypes.data for a in (words, grid, block)]
            own = first, last, start, step, seed, self.barriers, self.in_use.size, self.in_use.ctypes.data
            return self.library.fibers_run(self.start, *numbers, *own)

        half = blocks // 2 if blocks * math.prod(map(int, block)) >= LARGE else 0
        other = _helper().submit(run, 0, half) if half else None  # the blocks of a launch must not need each other
        found = run(half, blocks) | (other.result() if other else 0)
        if found:
            raise KernelError("; ".join(text for bit, text in WRONG.items() if found & bit))


@functools.cache
def _helper():
    return ThreadPoolExecutor(1)


def _walk(blocks, seed):
    """Return start and step of a walk over all blocks, in another order for each seed."""
    if not seed or blocks == 1:
        return 0, 1
    rng = np.random.default_rng(seed)
    step = next(n for n in rng.integers(1, blocks, 1000) if math.gcd(int(n), blocks) == 1) if blocks > 2 else 1
    return int(rng.integers(blocks)), int(step)


def _words(argument):
    """Return what Numba passes for an array, or for a number, each as 64 bits."""
    if isinstance(argument, np.ndarray):
        return [0, 0, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides]
    if isinstance(argument, np.float32):
        return [struct.unpack("<I", struct.pack("<f", argument))[0]]
    return [int(argument) & (2 ** (8 * argument.itemsize) - 1)]


@functools.cache
def executable(kernel, signature):
    """Return the kernel for this processor; it is made once in a process."""
    return Executable(kernel, signature)
