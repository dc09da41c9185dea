"""How lesson 16's file grows: which functions a stage adds, where they come from, and how many lines they have."""

import ast
import re
import textwrap
from pathlib import Path

from lessons.course.own_ssd.__main__ import line
from lessons.course.own_ssd.check import compare
from lessons.course.own_ssd.learning import BY_HEART
from lessons.course.own_ssd.stages import STAGES

ORIGIN = re.compile(r"^# (?:lesson )?(new|\d\d[^\n]*)\n(?=def (\w+))", re.MULTILINE)


def origins(module):
    """Return {function: "new", "03", or "03, rewritten for maps"} of a file, from the comments above its functions."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    return {name: origin for origin, name in ORIGIN.findall(text)}


def line_counts(module):
    """Return {function: lines of code}, without docstrings, comments and empty lines."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    lines, counts = text.splitlines(), {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            first = node.body[ast.get_docstring(node) is not None]
            code = [node.lineno - 1, *range(first.lineno - 1, node.end_lineno)]
            counts[node.name] = sum(bool(lines[n].strip()) and not lines[n].strip().startswith("#") for n in code)
    return counts


def plan(module):
    """Return the lines of the plan: the functions of each stage, each with the lesson of its exercise, or "new"."""
    found, lines = origins(module), []
    for number, stage in enumerate(STAGES, start=1):
        functions = [f"{name} ({found[name]})" for name in (*stage.exercises, *stage.functions)]
        words = f"{number:2} {stage.name}: " + ", ".join(each.replace(" ", "\0") for each in functions)
        lines += textwrap.wrap(words, 88, subsequent_indent="     ")  # a line ends between two functions
    lines = [line.replace("\0", " ") for line in lines]
    return [*lines, f"{len(STAGES) + 1:2} {BY_HEART.name}: nothing new; it trains what you have"]


def grow(module, *names):
    """Compare these stages of a file, and print what the checker says, and how long the file is by then."""
    numbers = {stage.name: number for number, stage in enumerate(STAGES, start=1)}
    for result in compare(module, names, by_heart=False):
        print(line(numbers[result.stage.name], result))
        assert result.outcome == "right"
    last = max(numbers[name] for name in names)
    counts, found = line_counts(module), origins(module)
    so_far = [name for stage in STAGES[:last] for name in (*stage.exercises, *stage.functions)]
    new = [name for name in so_far if found[name] == "new"]
    lines, new_lines = (sum(counts[name] for name in part) for part in (so_far, new))
    print(f"the file so far: {len(so_far)} functions, {lines} lines; {len(new)} functions, {new_lines} lines are new")
