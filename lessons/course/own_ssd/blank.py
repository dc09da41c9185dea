"""``python -m lessons.course.own_ssd.blank`` writes my_ssd_blank.py: my_ssd.py without the bodies of its functions."""

import ast
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "own_ssd"
HEAD = '''"""My own SSD, to be written: the functions of the exercises, and what joins them.

It needs NumPy and nothing else. Copy this file as my_ssd.py, and replace each ``raise``.
Lesson 16 goes through it. It can also be done alone:

    python -m lessons.course.own_ssd my_ssd.py            compare it with numpyssd
    python -m lessons.course.own_ssd my_ssd.py --train    train it on the built-in set

Above each function stands in which lesson its exercise is. "Rewritten for maps" or "for
rows": the same for a whole batch, because a loop over every number is too slow; what it
takes and returns is different. "New": what joins them.
'''


def blank(text):
    """Return the text of a file with the body of each function replaced; head, docstring and comments above it stay."""
    tree, lines = ast.parse(text), text.splitlines()
    for node in reversed([node for node in tree.body if isinstance(node, ast.FunctionDef)]):
        lines[node.body[0].end_lineno : node.end_lineno] = ["    raise NotImplementedError"]
    doc = ast.get_docstring(tree, clean=False)
    end = tree.body[0].end_lineno
    return HEAD + "\n" + doc.rsplit("\n\n", 1)[1] + '"""\n' + "\n".join(lines[end:]) + "\n"


if __name__ == "__main__":
    written = blank((FOLDER / "my_ssd.py").read_text(encoding="utf-8"))
    (FOLDER / "my_ssd_blank.py").write_text(written, encoding="utf-8")
