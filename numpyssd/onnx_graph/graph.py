"""An ONNX graph as plain Python: nodes in the order in which they are computed, and the constants that they read.

Nothing here needs the ``onnx`` package; ``onnx_graph.file`` turns a Graph into its messages. So a graph can be looked
at, and tested, where that package is not installed.
"""

from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """One operator of the standard: the names of what it reads and of what it makes, and its attributes."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict


class Value(NamedTuple):
    """An input or output of the whole graph; a dimension that is known only when it runs has a name, such as "N"."""

    dtype: str
    shape: tuple[int | str, ...]


class Graph:
    """``nodes`` in order, ``constants`` by name, and ``inputs`` and ``outputs``, dictionaries from name to Value."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, {}, {}

    def constant(self, name, array):
        """Keep an array under a name, and return the name."""
        self.constants[name] = np.ascontiguousarray(array)
        return name

    def add(self, op, out, *inputs, **attributes):
        """Append a node and return ``out``, the name of what it makes, or the tuple of names if it makes several.

        inputs: names; an array or a NumPy number is kept as a constant that is named after ``out``.
        """
        names = tuple(
            a if isinstance(a, str) else self.constant(f"{out if isinstance(out, str) else out[0]}.{i}", a)
            for i, a in enumerate(inputs)
        )
        self.nodes.append(Node(op, names, (out,) if isinstance(out, str) else tuple(out), attributes))
        return out
