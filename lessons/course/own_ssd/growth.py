"""How lesson 16's file grows: which functions a stage adds, where they come from, and how many lines they have."""

import ast
import re
from pathlib import Path

from lessons.course.own_ssd.__main__ import line
from lessons.course.own_ssd.check import compare
from lessons.course.own_ssd.stages import STAGES

ORIGIN = re.compile(r"^# (new|lesson (\d\d)[^\n]*)\n(?=def (\w+))", re.MULTILINE)


def origins(module):
    """Return {function: "new" or the number of its lesson} of a file, from the comments above its functions."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    return {name: lesson or "new" for _, lesson, name in ORIGIN.findall(text)}


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
    """Return a line for each stage: its functions, each with the lesson of its exercise, or "new"."""
    found = origins(module)
    return [
        f"{number:2} {stage.name}: " + ", ".join(f"{name} ({found[name]})" for name in (*stage.exercises, *stage.functions))
        for number, stage in enumerate(STAGES, start=1)
    ]  # fmt: skip


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
