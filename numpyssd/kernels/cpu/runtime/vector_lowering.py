"""How Numba compiles the functions of vectors.py: the type of a vector, and the LLVM instruction of each function.

jit.py imports this file, so every compiled function of this package may use vectors. For each function Numba must know
two things: the type of the result for given types of arguments (``_declare``), and the code (``lower_builtin``).
"""

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

from numpyssd.kernels.cpu.runtime.vectors import (
    REGISTER_BYTES,
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


class Vector(types.Type):
    """The type of a vector of float32 or float64: as many numbers as a register holds, or four."""

    def __init__(self, dtype, count=None):
        self.dtype, self.count = dtype, count or REGISTER_BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}, {self.count})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        number = ir.FloatType() if vector.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, vector, ir.VectorType(number, vector.count))


def _declare(function, result):
    """Tell Numba that a function returns the type ``result(argument types)``."""

    def generic(self, args, kws):
        found = result(args)
        return signature(found, *args) if found is not None else None

    infer_global(function)(type(f"_{function.__name__}", (AbstractTemplate,), {"generic": generic}))


def _vector_of_first(args):
    return Vector(args[0].dtype) if isinstance(args[0], types.Array) else None


def _same_as_last(args):
    fits = isinstance(args[-1], Vector) and isinstance(args[0], (Vector, types.Float))
    return args[-1] if fits else None


for _function in (load, broadcast, zero):
    _declare(_function, _vector_of_first)
for _function in (multiply_add, relu, where_greater, where_equal, operator.add, operator.sub, operator.mul):
    _declare(_function, _same_as_last)
_declare(load_four, lambda args: Vector(args[0].dtype, 4) if isinstance(args[0], types.Array) else None)
_declare(lane, lambda args: Vector(args[0].dtype) if isinstance(args[0], Vector) else None)
for _function in (store, prefetch):
    _declare(_function, lambda args: types.none)


def _address(context, builder, array_type, array, at):
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


def _broadcast_number(builder, vector_type, number):
    first = builder.insert_element(ir.Constant(vector_type, ir.Undefined), number, ir.IntType(32)(0))
    first_lane = ir.Constant(ir.VectorType(ir.IntType(32), vector_type.count), [0] * vector_type.count)
    return builder.shuffle_vector(first, ir.Constant(vector_type, ir.Undefined), first_lane)


def _as_vector(context, builder, vector, given, value):
    """Return a value as LLVM's vector; a number is broadcast."""
    if isinstance(given, Vector):
        return value
    number = context.cast(builder, value, given, vector.dtype)
    return _broadcast_number(builder, context.get_value_type(vector), number)


@lower_builtin(load, types.Array, types.Integer)
@lower_builtin(load_four, types.Array, types.Integer)
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


@lower_builtin(prefetch, types.Array, types.Integer)
def _prefetch(context, builder, sig, args):
    bytes_type, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    function_type = ir.FunctionType(ir.VoidType(), [bytes_type, number, number, number])
    function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.prefetch.p0i8")
    address = builder.bitcast(_address(context, builder, sig.args[0], *args), bytes_type)
    builder.call(function, [address, number(0), number(3), number(1)])  # to read, into all caches, of data
    return context.get_dummy_value()


@lower_builtin(broadcast, types.Array, types.Integer)
def _broadcast(context, builder, sig, args):
    number = builder.load(_address(context, builder, sig.args[0], *args))
    return _broadcast_number(builder, context.get_value_type(sig.return_type), number)


@lower_builtin(lane, Vector, types.Integer)
def _lane(context, builder, sig, args):
    return _broadcast_number(builder, context.get_value_type(sig.return_type), builder.extract_element(*args))


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


@lower_builtin(relu, Vector)
def _relu(context, builder, sig, args):
    zeros = ir.Constant(args[0].type, [0.0] * args[0].type.count)
    return builder.select(builder.fcmp_ordered("<", args[0], zeros), zeros, args[0])


@lower_builtin(where_greater, Vector, Vector, Vector, Vector)
def _where_greater(context, builder, sig, args):
    a, b, x, y = args
    greater_or_nan = builder.fcmp_unordered(">", a, b)
    return builder.select(builder.and_(greater_or_nan, builder.fcmp_ordered("ord", b, b)), x, y)


@lower_builtin(where_equal, Vector, Vector, Vector, Vector)
def _where_equal(context, builder, sig, args):
    return builder.select(builder.fcmp_ordered("==", *args[:2]), *args[2:])


def _lower(operation, instruction):
    @lower_builtin(operation, Vector, Vector)
    @lower_builtin(operation, types.Float, Vector)
    def lower(context, builder, sig, args):
        first = _as_vector(context, builder, sig.return_type, sig.args[0], args[0])
        return getattr(builder, instruction)(first, args[1])


_lower(operator.add, "fadd")
_lower(operator.sub, "fsub")
_lower(operator.mul, "fmul")
