"""An ONNX graph in plain Python: nodes in the order in which they are computed, and the constants that they read.

Nothing here needs the ``onnx`` package; ``onnx_graph.file`` converts a Graph to its messages. So a graph can be tested
without that package.
"""

from typing import NamedTuple

import numpy as np


class Node(NamedTuple):
    """One operator of the standard: the names of its inputs and outputs, and its attributes."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict


class Value(NamedTuple):
    """An input or output of the whole graph; a dimension that is known only at run time has a name, such as "N"."""

    dtype: str
    shape: tuple[int | str, ...]


class Graph:
    """``nodes`` in order, ``constants`` by name, and ``inputs`` and ``outputs``, dictionaries from name to Value."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, {}, {}

    def constant(self, name, array):
        """Add an array as a constant, and return its name."""
        self.constants[name] = np.ascontiguousarray(array)
        return name

    def add(self, op, out, *inputs, **attributes):
        """Append a node and return ``out``, the name of its output, or the tuple of the names of its outputs.

        inputs: names; an array or a NumPy number becomes a constant that is named after ``out``.
        """
        names = tuple(
            a if isinstance(a, str) else self.constant(f"{out if isinstance(out, str) else out[0]}.{i}", a)
            for i, a in enumerate(inputs)
        )
        self.nodes.append(Node(op, names, (out,) if isinstance(out, str) else tuple(out), attributes))
        return out
