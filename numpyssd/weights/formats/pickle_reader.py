"""Read the pickle of a PyTorch file without unpickling: an interpreter of the few instructions that such a file needs.

A pickle is a program for a stack machine, and Python's own machine calls any function that the program names. This one
knows tensors and plain containers, and it has no instruction that calls anything else. ``pickletools`` of the standard
library only splits the program into instructions.
"""

import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from numpyssd.errors import InputError
from numpyssd.weights.formats.pickle_objects import STORAGES, Global, Tensor, expect, tensor_of

MAX_INSTRUCTIONS = 500_000  # a file of weights has some thousands
PLAIN = {
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
}  # fmt: skip
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
DICTIONARY = "collections.OrderedDict"
TENSORS = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor")  # the second up to PyTorch 0.3
PARAMETER, SIZE = "torch._utils._rebuild_parameter", "torch.Size"
ALLOWED = {DICTIONARY, PARAMETER, SIZE, *TENSORS, *STORAGES}


def interpret(file: BinaryIO, storage: Callable | None, path: Path):
    """Return the object that is pickled at the current position of an open file, and leave the file behind the pickle.

    storage(reference) returns the Storage of a reference to numbers outside of the pickle. The result is made of
    dictionaries, lists, tuples, texts, numbers and Tensors. Raises InputError, naming ``path`` and the class, for
    anything else, and ValueError for data that is no pickle.
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
        elif name in ("APPEND", "APPENDS"):
            items = since_mark() if name == "APPENDS" else [stack.pop()]
            expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            _fill(expect(stack[-1], dict), zip(items[::2], items[1::2], strict=True))
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            words = argument.split(" ") if name == "GLOBAL" else [stack.pop(-2), stack.pop()]
            stack.append(_named(".".join(expect(word, str) for word in words), path))
        elif name == "BINPERSID":
            stack.append(storage(stack.pop()))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments = stack.pop()
            stack.append(_made(expect(stack.pop(), Global).name, expect(arguments, tuple)))
        elif name == "BUILD":
            stack.pop()  # attributes, such as the version numbers of a state_dict
        elif name == "STOP":
            return stack.pop()
        elif name not in ("PROTO", "FRAME"):
            raise InputError(f"{path} has the pickle instruction {name}, which no file of weights needs; not read")
    raise ValueError("a pickle without an end")


def _fill(dictionary, pairs):
    for key, value in pairs:
        if not isinstance(key, str | int | float):  # a key nested deep enough would overflow the stack of hash()
            raise ValueError("a key that is neither text nor number")
        dictionary[key] = value


def _named(name, path):
    if name not in ALLOWED:
        raise InputError(
            f"{path} holds a {name[:100]!r}, and of a PyTorch file only tensors and plain containers are read, because "
            "anything else could run code; save model.state_dict() alone"
        )
    return Global(name)


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
    if name == PARAMETER:
        return expect(arguments[0], Tensor)
    if name in TENSORS:
        return tensor_of(*arguments[:4])
    raise ValueError(f"a call of {name}")
