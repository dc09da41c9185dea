"""Every lesson runs, its notebook is what it gives, and it has all parts of a lesson.

Run by make check-lessons. A notebook that is out of date is written again by make lessons.
"""

import ast
import io
import json
import os
import re
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lessons.course import check, formulas, notebook, percent
from lessons.course.markup import CODE, MATH

LESSONS = percent.lessons()
SECTIONS = (
    "The figure", "By hand", "Loops you can read", "The check", "The library's code", "Break it", "Exercises",
    "The paper says, Caffe does, others do", "Questions readers ask", "Recap",
)  # fmt: skip
SECONDS, BYTES, LINES, COLUMNS = 20, 300_000, 15, 88
SLOW = 4  # a machine that is busy, or has no AVX-512, may take so many times as long

lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path):
    return percent.read_cells(path.read_text(encoding="utf-8"))


def words(path):
    return "\n\n".join(cell.source for cell in cells(path) if cell.kind == "markdown")


@lesson
def test_the_notebook_is_what_the_lesson_gives(path):
    begin = time.process_time()  # not what it waits for others: the pages are tested beside it
    again = notebook.to_notebook(*notebook.run(path))
    assert time.process_time() - begin < SLOW * SECONDS
    text = path.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert len(text.encode()) < BYTES
    for old, new in zip(json.loads(text)["cells"], again["cells"], strict=True):
        assert "".join(old["source"]) == "".join(new["source"]), "out of date: make lessons"
        assert (old["id"], old["metadata"]) == (new["id"], new["metadata"])
        if old["cell_type"] == "code" and "varies" not in old["metadata"].get("tags", ()):
            assert without_pixels(old["outputs"]) == without_pixels(new["outputs"]), "out of date: make lessons"


def without_pixels(outputs):
    """Fonts and libraries differ from machine to machine, and with them pixels: it counts that there is an image."""
    outputs = json.loads(json.dumps(outputs))
    for output in outputs:
        for kind, text in output.get("data", {}).items():
            if kind == "image/png":
                pixels = np.array(Image.open(io.BytesIO(b64decode(text))).convert("RGB"))
                assert pixels.std() > 5, "a blank image"
                output["data"][kind] = "an image"
            elif kind == "text/html":
                output["data"][kind] = re.sub(r"data:image/\w+;base64,[\w+/=]+", "an image", "".join(text))
    return outputs


# Some of them: what differs in a terminal is how figures are shown (lessons/course/display.py), the same for all.
@pytest.mark.parametrize("path", LESSONS[::4], ids=lambda path: path.stem)
def test_it_runs_in_a_terminal_and_leaves_figures_in_a_folder(path, tmp_path):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (result.returncode, result.stderr) == (0, "")
    shown = sum("show" in cell.source and "figure" in cell.source for cell in cells(path) if cell.kind == "code")
    figures = sorted((tmp_path / "lesson_pictures" / path.stem).glob("*.png"))
    assert len(figures) >= shown - 1 > 0
    assert all(str(figure.relative_to(tmp_path)) in result.stdout for figure in figures)


@lesson
def test_it_has_all_parts_of_a_lesson_in_their_order(path):
    text = words(path)
    number = path.stem[:2]
    assert re.match(rf"# {number} · .+\n\n\*\*Goal\.\*\* [A-Z].+", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(SECTIONS)
    assert re.search(r"^## Exercises\n\nReplace the `\.\.\.`", text, re.MULTILINE)
    source = path.read_text(encoding="utf-8")
    for part in ("you_are_here(", "show_source(", "assert ", "expected", "show_widget("):
        assert part in source, f"{part} is missing"
    assert len(re.findall(r"^[1-9]\. ", text[text.index("## Recap") :], re.MULTILINE)) == 3
    assert re.search(r"paper_caffe_others\.md", text[text.index("## The paper says") :])


@lesson
def test_exercises_are_three_or_more_each_with_its_answer(path):
    source, text = path.read_text(encoding="utf-8"), words(path)
    asked = re.findall(r"^check\.(?!answer|hint)(\w+)\(\w+\)$", source, re.MULTILINE)
    assert len(asked) >= 3
    assert re.findall(r'^check\.answer\("(\w+)"\)$', source, re.MULTILINE) == asked
    assert set(asked) <= set(check.names())
    headings = re.findall(r"^### (Warm-up|Core|Stretch): ", text, re.MULTILINE)
    assert len(headings) == len(asked)
    assert headings == sorted(headings, key=("Warm-up", "Core", "Stretch").index)
    assert set(headings) == {"Warm-up", "Core", "Stretch"}


def test_every_exercise_is_asked_in_a_lesson():
    source = "".join(path.read_text(encoding="utf-8") for path in LESSONS)
    assert [name for name in check.names() if f'check.answer("{name}")' not in source] == []


@lesson
def test_cells_are_short(path):
    for cell in cells(path):
        if cell.kind == "code":
            lines = cell.source.splitlines()
            assert len([line for line in lines if line.strip()]) <= LINES, cell.source
            assert max(map(len, lines)) <= COLUMNS, max(lines, key=len)


@lesson
def test_each_displayed_formula_is_set_and_followed_by_an_assertion(path):
    all_cells = cells(path)
    for number, cell in enumerate(all_cells):
        text = CODE.sub("", cell.source) if cell.kind == "markdown" else ""
        found = list(MATH.finditer(text))
        for formula in found:
            assert "<path" in formulas.svg(formula["display"] or formula["inline"], formula["display"] is None)
        if any(formula["display"] for formula in found):
            code = all_cells[number + 1]
            assert code.kind == "code", cell.source
            assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code.source))), cell.source


@lesson
def test_no_code_of_the_library_is_written_out_again(path):
    # The library's own functions are shown by show_source; a lesson that redefines one could drift away from it.
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("numpyssd")
        for alias in node.names
    }
    assert not own & imported


@lesson
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)", words(path)):
        assert not target.startswith(("http:", "https:", "/"))
        assert (path.parent / target).exists(), target


def test_a_notebook_runs_in_jupyter_itself():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    path = LESSONS[0].with_suffix(".ipynb")
    written = nbformat.read(path, as_version=4)
    nbformat.validate(written)
    fresh = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(Path(path).parent)}}
    nbclient.NotebookClient(fresh, timeout=120, resources=resources, kernel_name="python3").execute()
    for old, new in zip(written.cells, fresh.cells, strict=True):
        if old.cell_type == "code" and "varies" not in old.metadata.get("tags", ()):
            assert without_pixels(old.outputs) == without_pixels(new.outputs)
