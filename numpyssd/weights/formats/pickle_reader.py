"""Read the pickle of a PyTorch file without unpickling: an interpreter of the few instructions that such a file needs.

A pickle is a program for a stack machine, and Python's own machine calls any function that the program names. This one
knows tensors and plain containers, and it has no instruction that calls anything else: any other name stands for an
empty place, and stays one. ``pickletools`` of the standard library only splits the program into instructions.
"""

import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from numpyssd.errors import InputError
from numpyssd.weights.formats.pickle_objects import STORAGES, Empty, Global, Tensor, expect, left_out, tensor_of

MAX_INSTRUCTIONS = 500_000  # a file of weights has some thousands
PLAIN = {
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8", "BYTEARRAY8",
}  # fmt: skip
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
DICTIONARY, GROWING = "collections.OrderedDict", "collections.defaultdict"
TENSORS = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor")  # the second up to PyTorch 0.3
PARAMETERS = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
SUBCLASSES = ("torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type")  # or tensors with attributes
SIZE = "torch.Size"
ALLOWED = {DICTIONARY, GROWING, SIZE, *PARAMETERS, *SUBCLASSES, *TENSORS, *STORAGES}


def interpret(file: BinaryIO, storage: Callable | None, path: Path):
    """Return the object that is pickled at the current position of an open file, and leave the file behind the pickle.

    storage(reference) returns the Storage of a reference to numbers outside of the pickle. The result is made of
    dictionaries, lists, tuples, texts, numbers, Tensors, and Empty for anything else; a dictionary lacks the entries
    whose key is neither text nor number. Raises InputError, naming ``path``, for an instruction that no such file has,
    and ValueError for data that is no pickle.
    """
    stack, marks, memo = [], [], {}

    def since_mark():
        items = stack[marks[-1] :]
        del stack[marks.pop() :]
        return items

    for count, (instruction, argument, _) in enumerate(pickletools.genops(file)):
        name = instruction.name
        if count > MAX_INSTRUCTIONS:
            raise InputError(f"{path} holds far more than weights; save model.state_dict() alone")
        if name in PLAIN:
            stack.append(CONSTANTS.get(name, argument))
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "MARK":
            marks.append(len(stack))
        elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[name]())
        elif name == "TUPLE":
            stack.append(tuple(since_mark()))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            size = int(name[-1])
            stack[-size:] = [tuple(stack[-size:])]
        elif name == "EMPTY_SET":
            stack.append(Empty("set"))
        elif name == "FROZENSET":
            since_mark()
            stack.append(Empty("frozenset"))
        elif name in ("APPEND", "APPENDS", "ADDITEMS"):
            items = [stack.pop()] if name == "APPEND" else since_mark()
            if not isinstance(stack[-1], Empty):
                expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            if not isinstance(stack[-1], Empty):
                _fill(expect(stack[-1], dict), zip(items[::2], items[1::2], strict=True))
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            words = argument.split(" ") if name == "GLOBAL" else [stack.pop(-2), stack.pop()]
            named = ".".join(expect(word, str) for word in words)
            stack.append(Global(named) if named in ALLOWED else Empty(named))
        elif name == "BINPERSID":
            reference = stack.pop()
            stack.append(left_out(reference) or storage(reference))
        elif name in ("REDUCE", "NEWOBJ", "NEWOBJ_EX"):
            if name == "NEWOBJ_EX":
                expect(stack.pop(), dict)  # arguments by name, which nothing that is made here has
            arguments, made = expect(stack.pop(), tuple), stack.pop()
            stack.append(made if isinstance(made, Empty) else _made(expect(made, Global).name, arguments))
        elif name == "BUILD":
            stack.pop()  # attributes, such as the version numbers of a state_dict
        elif name == "POP_MARK":
            since_mark()
        elif name == "POP":  # of an object that was met again within itself
            (marks if marks and marks[-1] == len(stack) else stack).pop()
        elif name == "STOP":
            return stack.pop()
        elif name not in ("PROTO", "FRAME"):
            raise InputError(f"{path} has the pickle instruction {name}, which no file of weights needs; not read")
    raise ValueError("a pickle without an end")


def _fill(dictionary, pairs):
    # Of other keys one that is nested deep enough would overflow the stack of hash().
    dictionary.update((key, value) for key, value in pairs if isinstance(key, str | int | float))


def _made(name, arguments):
    """Return what an allowed class or function makes of its arguments."""
    if name == DICTIONARY:
        made = {}
        if arguments:
            (pairs,) = arguments
            _fill(made, (expect(pair, tuple | list) for pair in expect(pairs, list)))
        return made
    if name == SIZE:
        return tuple(expect(arguments[0], tuple | list))
    if name == GROWING:
        return {}
    if name in PARAMETERS:
        return expect(arguments[0], Tensor | Empty)
    if name in SUBCLASSES:
        function, _, arguments = arguments[:3]
        if isinstance(function, Empty):
            return function
        name = expect(function, Global).name
    if name in TENSORS:
        return tensor_of(*arguments[:4])
    raise ValueError(f"a call of {name}")
