"""One register full of numbers as a value in compiled code: what the processor adds and multiplies at once.

Compilers turn simple loops into such code by themselves. A matrix product is not simple enough: it is fast only if a
block of sums stays in registers from the first product to the last, and for that one has to name the registers.

    a = load(array, 32)           # array[32], array[33], ... as many as fit
    a = multiply_add(a, b, a)     # a * b + a, one instruction where the processor has it
    store(array, 32, a)

Arrays are of one dimension and contiguous. Nothing checks positions, as little as elsewhere in compiled code; with
NUMBA_DISABLE_JIT=1 the functions below run as the plain NumPy that they are written in, which does.
"""

import operator

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model


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
    """Write a vector to array[at] and what follows."""
    array[at : at + REGISTER_BYTES // array.itemsize] = vector


def splat(array, at):
    """Return the vector whose every number is array[at]."""
    return np.full(REGISTER_BYTES // array.itemsize, array[at])


def zero(array):
    """Return the vector of zeros of an array's dtype."""
    return np.zeros(REGISTER_BYTES // array.itemsize, array.dtype)


def multiply_add(a, b, c):
    """Return a * b + c; a may be a number. Rounded once where the processor has such an instruction, else twice."""
    return np.asarray(a * b + c, c.dtype)


def rectify(a):
    """Return max(a, 0), and NaN for NaN."""
    return np.where(a < 0, a.dtype.type(0), a)


def keep_where_positive(a, b):
    """Return a where b > 0, and 0 elsewhere."""
    return np.where(b > 0, a, a.dtype.type(0))


# ------------------------------------------------------------------ what Numba needs to know, to compile the same thing


class Vector(types.Type):
    """The type of a vector of float32 or float64."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"Vector({dtype}, {REGISTER_BYTES})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        number = ir.FloatType() if vector.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, vector, ir.VectorType(number, REGISTER_BYTES * 8 // vector.dtype.bitwidth))


def _teach(function, result):
    """Tell Numba that ``result(argument types)`` is the type of what a function returns."""

    def generic(self, args, kws):
        found = result(args)
        return signature(found, *args) if found is not None else None

    infer_global(function)(type(f"_{function.__name__}", (AbstractTemplate,), {"generic": generic}))


def _vector_of_first(args):
    return Vector(args[0].dtype) if isinstance(args[0], types.Array) else None


def _same_as_last(args):
    fits = isinstance(args[-1], Vector) and isinstance(args[0], (Vector, types.Float))
    return args[-1] if fits else None


for _function in (load, splat, zero):
    _teach(_function, _vector_of_first)
for _function in (multiply_add, rectify, keep_where_positive, operator.add, operator.sub, operator.mul):
    _teach(_function, _same_as_last)
_teach(store, lambda args: types.none)


def _address(context, builder, array_type, array, at):
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


def _spread(builder, vector_type, number):
    first = builder.insert_element(ir.Constant(vector_type, ir.Undefined), number, ir.IntType(32)(0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), vector_type.count), [0] * vector_type.count)
    return builder.shuffle_vector(first, ir.Constant(vector_type, ir.Undefined), everywhere)


def _as_vector(context, builder, vector, given, value):
    """Return a value as LLVM's vector; a number is spread."""
    if isinstance(given, Vector):
        return value
    number = context.cast(builder, value, given, vector.dtype)
    return _spread(builder, context.get_value_type(vector), number)


@lower_builtin(load, types.Array, types.Integer)
def _load(context, builder, sig, args):
    vector_type = context.get_value_type(sig.return_type)
    address = builder.bitcast(_address(context, builder, sig.args[0], *args), vector_type.as_pointer())
    return builder.load(address, align=sig.args[0].dtype.bitwidth // 8)


@lower_builtin(store, types.Array, types.Integer, Vector)
def _store(context, builder, sig, args):
    vector_type = context.get_value_type(sig.args[2])
    address = builder.bitcast(_address(context, builder, sig.args[0], *args[:2]), vector_type.as_pointer())
    builder.store(args[2], address, align=sig.args[0].dtype.bitwidth // 8)
    return context.get_dummy_value()


@lower_builtin(splat, types.Array, types.Integer)
def _splat(context, builder, sig, args):
    number = builder.load(_address(context, builder, sig.args[0], *args))
    return _spread(builder, context.get_value_type(sig.return_type), number)


@lower_builtin(zero, types.Array)
def _zero(context, builder, sig, args):
    vector_type = context.get_value_type(sig.return_type)
    return ir.Constant(vector_type, [0.0] * vector_type.count)


@lower_builtin(multiply_add, Vector, Vector, Vector)
@lower_builtin(multiply_add, types.Float, Vector, Vector)
def _multiply_add(context, builder, sig, args):
    vector_type = context.get_value_type(sig.return_type)
    # Not llvm.fma: where the processor has no such instruction, that calls the C library for each number of the vector.
    name = f"llvm.fmuladd.v{vector_type.count}f{sig.return_type.dtype.bitwidth}"
    function_type = ir.FunctionType(vector_type, [vector_type] * 3)
    function = cgutils.get_or_insert_function(builder.module, function_type, name)
    first = _as_vector(context, builder, sig.return_type, sig.args[0], args[0])
    return builder.call(function, [first, *args[1:]])


@lower_builtin(rectify, Vector)
def _rectify(context, builder, sig, args):
    zeros = ir.Constant(args[0].type, [0.0] * args[0].type.count)
    return builder.select(builder.fcmp_ordered("<", args[0], zeros), zeros, args[0])


@lower_builtin(keep_where_positive, Vector, Vector)
def _keep_where_positive(context, builder, sig, args):
    zeros = ir.Constant(args[0].type, [0.0] * args[0].type.count)
    return builder.select(builder.fcmp_ordered(">", args[1], zeros), args[0], zeros)


def _lower(operation, instruction):
    @lower_builtin(operation, Vector, Vector)
    @lower_builtin(operation, types.Float, Vector)
    def lower(context, builder, sig, args):
        first = _as_vector(context, builder, sig.return_type, sig.args[0], args[0])
        return getattr(builder, instruction)(first, args[1])


_lower(operator.add, "fadd")
_lower(operator.sub, "fsub")
_lower(operator.mul, "fmul")
