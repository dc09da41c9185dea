"""What a PyTorch file's pickle says, without unpickling: an interpreter of the few instructions that such a file needs.

A pickle is a program for a stack machine, and Python's own machine calls any function that the program names. This one
knows tensors and plain containers and has no instruction that could call anything else; ``pickletools`` of the
standard library only takes the program apart.
"""

import pickletools
from dataclasses import dataclass
from math import prod

import numpy as np

from numpyssd.errors import InputError

MOST_INSTRUCTIONS = 500_000  # a file of weights has some thousands
PLAIN = {
    "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
}  # fmt: skip
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
NUMBERS = {
    "Double": "f8", "Float": "f4", "Half": "f2", "BFloat16": "u2", "Long": "i8", "Int": "i4", "Short": "i2",
    "Char": "i1", "Byte": "u1", "Bool": "?",
}  # fmt: skip
STORAGES = {f"{module}.{kind}Storage": kind for module in ("torch", "torch.cuda") for kind in NUMBERS}
DICTIONARY = "collections.OrderedDict"
TENSORS = ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor")  # the second up to PyTorch 0.3
PARAMETER, SIZE = "torch._utils._rebuild_parameter", "torch.Size"
ADMITTED = {DICTIONARY, PARAMETER, SIZE, *TENSORS, *STORAGES}


@dataclass(frozen=True)
class Global:
    """A class or function that a pickle names: one of ADMITTED, and never more than its name."""

    name: str


@dataclass(frozen=True)
class Tensor:
    """A tensor of a file: NumPy reads it from there when it is asked for, ``np.asarray(tensor)``."""

    storage: object  # has .kind, .count, .dtype, and .read() -> (count,) array
    offset: int
    shape: tuple
    strides: tuple  # in numbers, not bytes

    @property
    def bytes(self):
        """How much memory its numbers take."""
        return prod(self.shape) * self.storage.dtype.itemsize

    def __array__(self, dtype=None, copy=None):
        """Return the array, float32 for bfloat16."""
        numbers = self.storage.read()[self.offset :]
        strides = [step * numbers.itemsize for step in self.strides]
        array = np.lib.stride_tricks.as_strided(numbers, self.shape, strides, writeable=False)
        if self.storage.kind == "BFloat16":  # the upper half of a float32
            array = (array.astype(np.uint32) << 16).view(np.float32)
        return array if dtype is None else array.astype(dtype)


def interpret(file, storage, path):
    """Return what the pickle that begins at the place of an open file stands for, and leave the file behind it.

    storage(reference) gives an object for each reference to numbers outside of the pickle. The result is made of
    dictionaries, lists, tuples, texts, numbers and Tensors. Raises InputError, naming ``path`` and the class, for
    anything else, and ValueError for what is no pickle.
    """
    stack, marks, memo = [], [], {}

    def since_mark():
        items = stack[marks[-1] :]
        del stack[marks.pop() :]
        return items

    for count, (instruction, argument, _) in enumerate(pickletools.genops(file)):
        name = instruction.name
        if count > MOST_INSTRUCTIONS:
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
            _expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            _fill(_expect(stack[-1], dict), zip(items[::2], items[1::2], strict=True))
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            words = argument.split(" ") if name == "GLOBAL" else [stack.pop(-2), stack.pop()]
            stack.append(_named(".".join(_expect(word, str) for word in words), path))
        elif name == "BINPERSID":
            stack.append(storage(stack.pop()))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments = stack.pop()
            stack.append(_made(_expect(stack.pop(), Global).name, _expect(arguments, tuple)))
        elif name == "BUILD":
            stack.pop()  # attributes, such as the version numbers of a state_dict
        elif name == "STOP":
            return stack.pop()
        elif name not in ("PROTO", "FRAME"):
            raise InputError(f"{path} has the pickle instruction {name}, which no file of weights needs; not read")
    raise ValueError("a pickle without an end")


def _expect(value, kind):
    if not isinstance(value, kind):
        raise ValueError(f"{kind} expected")
    return value


def _fill(dictionary, pairs):
    for key, value in pairs:
        if not isinstance(key, str | int | float):  # a key nested deep enough would overflow the stack of hash()
            raise ValueError("a key that is neither text nor number")
        dictionary[key] = value


def _named(name, path):
    if name not in ADMITTED:
        raise InputError(
            f"{path} holds a {name[:100]!r}, and of a PyTorch file only tensors and plain containers are read, because "
            "anything else could run code; save model.state_dict() alone"
        )
    return Global(name)


def _made(name, arguments):
    """Return what an admitted class or function makes of its arguments."""
    if name == DICTIONARY:
        made = {}
        if arguments:
            (pairs,) = arguments
            _fill(made, (_expect(pair, tuple | list) for pair in _expect(pairs, list)))
        return made
    if name == SIZE:
        return tuple(_expect(arguments[0], tuple | list))
    if name == PARAMETER:
        return _expect(arguments[0], Tensor)
    if name in TENSORS:
        return _tensor(*arguments[:4])
    raise ValueError(f"a call of {name}")


def _tensor(storage, offset, shape, strides):
    """Return a Tensor, all of whose numbers are in its storage. Raises ValueError otherwise."""
    whole = (offset, *_expect(shape, tuple), *_expect(strides, tuple))
    if not all(type(value) is int and value >= 0 for value in whole) or len(shape) != len(strides) or len(shape) > 8:
        # Not in words: printed, tuples within tuples can be longer than any memory.
        raise ValueError("a tensor whose shape or steps are none")
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides))
    if prod(shape) > 0 and (last >= storage.count or prod(shape) > storage.count):
        raise ValueError(f"a tensor of shape {shape} in a storage of {storage.count} numbers")
    return Tensor(storage, offset, shape, strides)
