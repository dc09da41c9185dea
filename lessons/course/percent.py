"""Reading a lesson: a plain Python file in percent format, as cells.

``# %% [markdown]`` begins a cell of prose, written in comments; ``# %%`` one of code. A cell of which the output
differs from run to run says ``# %% tags=["varies"]``.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

LESSONS = Path(__file__).resolve().parents[1]
HEAD = re.compile(r"# %%(?P<markdown> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?$")


class Cell(NamedTuple):
    """One cell: its kind ("markdown" or "code"), its text, and its tags."""

    kind: str
    source: str
    tags: tuple[str, ...] = ()


def lessons():
    """Return the paths of all lessons, in order."""
    return sorted(LESSONS.glob("[0-9][0-9]_*.py"))


def read_cells(text):
    """Return the cells of a lesson's text. Raises ValueError that names the line of what is in no cell."""
    cells = []
    for number, line in enumerate(text.splitlines(), start=1):
        head = HEAD.match(line)
        if head:
            tags = tuple(json.loads(head["tags"])) if head["tags"] else ()
            cells.append(("markdown" if head["markdown"] else "code", [], tags))
        elif line.startswith("# %%"):
            raise ValueError(f"line {number}: {line!r} is no head of a cell")
        elif cells:
            cells[-1][1].append(_prose(line, number) if cells[-1][0] == "markdown" else line)
        elif line.strip():
            raise ValueError(f"line {number}: a lesson begins with '# %%' or '# %% [markdown]'")
    return [Cell(kind, "\n".join(lines).strip("\n"), tags) for kind, lines, tags in cells]


def _prose(line, number):
    if line.strip() and not line.startswith("#"):
        raise ValueError(f"line {number}: a line of prose begins with '# '")
    return line[2:] if line.startswith("# ") else line[1:]
