"""All mutants of a file: its code with one small thing wrong.

The operators are cosmic-ray's (another operator, comparison, number, condition). To them come names that are easily
mistaken for each other in NumPy, such as minimum and maximum, because the operators know nothing of NumPy.
"""

from itertools import zip_longest
from typing import NamedTuple

import cosmic_ray.plugins
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code

RULE = "# ------"  # below it are a file's pictures
NEED_ARGUMENTS = ("core/VariableReplacer", "core/VariableInserter")
PAIRS = (
    ("minimum", "maximum"),
    ("min", "max"),
    ("argmin", "argmax"),
    ("any", "all"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("flatnonzero", "atleast_1d"),
)
OTHER_NAMES = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])} | {"cumsum": "array", "sort": "array"}


class Mutant(NamedTuple):
    """One mutant: the line it begins in, that line and what became of it, and the whole file."""

    line: int
    before: str
    after: str
    source: str


def mutants(source):
    """Return the Mutants of the code above the rule, each once, in the order of their lines."""
    head, rule, tail = source.partition(RULE)
    made = {}
    for code in (*_by_operators(head), *_by_names(head)):
        if code != head:
            made.setdefault(code, Mutant(*_difference(head, code), code + rule + tail))
    return sorted(made.values())


def _by_operators(source):
    for name in sorted(cosmic_ray.plugins.operator_names()):
        if name in NEED_ARGUMENTS:
            continue
        occurrence = 0
        while (code := mutate_code(source, cosmic_ray.plugins.get_operator(name)(), occurrence)) is not None:
            yield code
            occurrence += 1


def _by_names(source):
    tree = get_ast(source)
    leaf = tree.get_first_leaf()
    while leaf is not None:
        other = OTHER_NAMES.get(leaf.value) if leaf.type == "name" and leaf.get_previous_leaf() == "." else None
        if other:
            original, leaf.value = leaf.value, other
            yield tree.get_code()
            leaf.value = original
        leaf = leaf.get_next_leaf()


def _difference(source, code):
    """Return the number of the first line that differs, that line as it was, and as it is."""
    for number, (old, new) in enumerate(zip_longest(source.splitlines(), code.splitlines(), fillvalue=""), 1):
        if old != new:
            return number, old.strip(), new.strip()
    raise ValueError("nothing differs but the end of the file")
