"""A lesson from its text to a notebook: cells of percent format, run in order, written with what they put out.

    python -m lessons.course.notebook                     every lesson below lessons/
    python -m lessons.course.notebook lessons/08*.py      only these

The format is that of lessons/course/percent.py. Nothing in the notebook depends on when or where it was written.
"""

import ast
import contextlib
import hashlib
import io
import json
import linecache
import sys
from pathlib import Path

from numpyssd import kernels
from lessons.course.display import capturing
from lessons.course.percent import lessons, read_cells
from numpyssd.cli import command
from numpyssd.files import write_error, written_whole


def run(path):
    """Run a lesson from top to bottom in this process. Returns its cells and the outputs of each, as nbformat has them.

    Raises what the lesson raises, with a note of the cell. A cell must not end in a value: Jupyter would show it, a
    terminal would not.
    """
    cells = read_cells(path.read_text(encoding="utf-8"))
    names, outputs = {"__name__": "__main__"}, []
    with _own_modules(path.parent), kernels.using("reference"):  # nothing to compile
        for number, cell in enumerate(cells, start=1):
            outputs.append(_run_cell(cell, names, f"<{path.stem}, cell {number}>") if cell.kind == "code" else [])
    return cells, outputs


@contextlib.contextmanager
def _own_modules(folder):
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _run_cell(cell, names, name):
    lines = [line + "\n" for line in cell.source.splitlines()]
    linecache.cache[name] = (len(cell.source), None, lines, name)  # so that inspect finds the code of its functions
    try:
        with capturing() as outputs, contextlib.redirect_stdout(_Printed(outputs)):
            for statement in ast.parse(cell.source, name).body:
                _run_statement(statement, names, name)
    except Exception as error:
        error.add_note(f"in {name}")
        raise
    return outputs


def _run_statement(statement, names, name):
    if not isinstance(statement, ast.Expr):
        exec(compile(ast.Module([statement], []), name, "exec"), names)
        return
    value = eval(compile(ast.Expression(statement.value), name, "eval"), names)
    if value is not None:
        raise ValueError(f"line {statement.lineno} has the value {value!r}: print it")


class _Printed(io.TextIOBase):
    """What a cell prints, in its place among the figures that it shows."""

    def __init__(self, outputs):
        self.outputs = outputs

    def write(self, text):
        last = self.outputs[-1] if self.outputs else None
        if last and last["output_type"] == "stream":
            last["text"] += text
        else:
            self.outputs.append({"name": "stdout", "output_type": "stream", "text": text})
        return len(text)


def to_notebook(cells, outputs):
    """Return cells and their outputs as the dictionary of an .ipynb file (nbformat 4.5)."""
    seen, notebook_cells, count = {}, [], 0
    for cell, shown in zip(cells, outputs):
        digest = hashlib.sha1(cell.source.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        # The id is that of the text: a cell that moves keeps it, and no other cell's changes.
        entry = {"cell_type": cell.kind, "id": f"{digest}-{seen[digest]}", "metadata": {}}
        if cell.tags:
            entry["metadata"]["tags"] = list(cell.tags)
        if cell.kind == "code":
            count += 1
            entry |= {"execution_count": count, "outputs": [_lines(output) for output in shown]}
        notebook_cells.append(dict(sorted((entry | {"source": cell.source.splitlines(keepends=True)}).items())))
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    return {"cells": notebook_cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _lines(output):
    """Return an output with its texts as lists of lines, which is how a comparison of two versions is read best."""
    if output["output_type"] == "stream":
        return {**output, "text": output["text"].splitlines(keepends=True)}
    data = {
        kind: text if kind.startswith("image/") else text.splitlines(keepends=True)
        for kind, text in sorted(output["data"].items())
    }
    return {**output, "data": data}


def notebook_text(path):
    """Run a lesson and return the text of its notebook."""
    return json.dumps(to_notebook(*run(path)), indent=1, ensure_ascii=False) + "\n"


def main(argv=None):
    """Write the notebooks of the lessons that are named, or of all."""
    parser = command.parser(__name__, "Run lessons and write their notebooks beside them.", ["lessons/08*.py"])
    parser.add_argument("lessons", nargs="*", type=Path, metavar="LESSON", help="lessons/NN_name.py (default: all)")
    for path in parser.parse_args(argv).lessons or lessons():
        notebook = path.with_suffix(".ipynb")
        text = notebook_text(path)
        try:
            with written_whole(notebook) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="\n")
        except OSError as reason:
            raise write_error(notebook, reason, "free some space") from None
        print(f"{notebook} ({notebook.stat().st_size // 1000} KB)")


if __name__ == "__main__":
    command.run(main)
