"""How Numba compiles the functions of atomics.py: the LLVM instruction of each. jit.py imports this file."""

import sys

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from numpyssd.kernels.cpu.runtime.atomics import add_one, look, pause

YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"  # functions of the system


def _place(context, builder, signature, args):
    return builder.gep(context.make_array(signature.args[0])(context, builder, args[0]).data, [args[1]])


@intrinsic
def _add_one(typing, board, entry):
    def code(context, builder, signature, args):
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", _place(context, builder, signature, args), one, "seq_cst")

    return types.int64(board, entry), code


@intrinsic
def _look(typing, board, entry):
    def code(context, builder, signature, args):
        return builder.load_atomic(_place(context, builder, signature, args), "acquire", 8)

    return types.int64(board, entry), code


@intrinsic
def _pause(typing):
    def code(context, builder, signature, args):
        function = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, function, YIELD), [])
        return context.get_dummy_value()

    return types.none(), code


@overload(add_one)
def _compiled_add_one(board, entry):
    return lambda board, entry: _add_one(board, entry)


@overload(look)
def _compiled_look(board, entry):
    return lambda board, entry: _look(board, entry)


@overload(pause)
def _compiled_pause():
    return lambda: _pause()
