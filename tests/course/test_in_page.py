"""What a page needs to run an exercise: the right code of the lesson, numpyssd itself, and the files of Pyodide."""

import ast
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

from lessons.course import percent
from lessons.course.in_page import run_exercise
from lessons.course.in_page import runtime as runtime_files
from lessons.course.in_page.bundle import own_code
from lessons.course.in_page.exercise import exercise_of
from lessons.course.in_page.needed_code import changed, functions, given, needed_code, read
from numpyssd.errors import InputError

CELLS = [
    "import numpy as np\nfrom numpyssd.boxes import iou, xyxy_to_cxcywh\nfrom lessons.course import check",
    "x = np.zeros(3)\nx[0] = 1\ny = 2\nnames = []\nnames.append(y)",
    "def twice(a):\n    y = a\n    return 2 * y\n\ndef my_f(a):\n    return twice(a)\n\ncheck.f(my_f)",
    "print(x)",
]


def test_a_cell_needs_what_it_reads_and_what_that_needs():
    assert needed_code([*CELLS, "my_f(x)"], 4) == "\n".join([
        "import numpy as np",
        "x = np.zeros(3)",
        "x[0] = 1",
        "def twice(a):\n    y = a\n    return 2 * y",
        "def my_f(a):\n    return twice(a)",
    ])  # fmt: skip
    assert needed_code([*CELLS, "print(names)"], 4) == "y = 2\nnames = []\nnames.append(y)"
    assert needed_code([*CELLS, "..."], 4, {"iou"}) == "from numpyssd.boxes import iou"
    assert needed_code(CELLS, 0, {"nowhere"}) == ""


def test_of_two_values_the_last_is_needed():
    assert needed_code(["x = 1", "x = 2", "x"], 2) == "x = 2"
    assert needed_code(["x = 1", "x += 2", "x"], 2) == "x = 1\nx += 2"
    assert needed_code(["x = 1", "x = x + 2", "x"], 2) == "x = 1\nx = x + 2"


def test_names_within_a_function_are_its_own():
    assert given("def f(a):\n    b = a\nc = [d for d in range(3)]") == {"f", "c"}
    assert read("def f(a):\n    return a + outside\nf(1)") == {"outside"}
    assert functions(CELLS) == {"np", "iou", "xyxy_to_cxcywh", "check", "twice", "my_f"}
    assert changed(ast.parse("x.flat[0] = 1; y.sort(); z += 1; print(a)")) == {"x", "y", "z"}


# A page has no package but these.
TRY = """
import json, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in {"numpy", "PIL", "numpyssd", "lessons", *sys.stdlib_module_names}:
            raise ImportError(f"{name} is not in the page", name=name)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv[1])
from lessons.course.in_page.run_exercise import run_exercise
catalog = "from lessons.course.exercises.catalog import EXERCISES\\n"
for name, before in json.load(sys.stdin):
    print(run_exercise(before, f"{catalog}check.{name}(EXERCISES[{name!r}].answer)"), end="")
"""


def test_every_exercise_runs_with_what_is_in_a_page(tmp_path):
    pytest.importorskip("markdown_it", reason="markdown-it-py is not installed: see requirements-lessons.txt")
    from lessons.course.in_page.exercise import exercise_html

    tasks = []
    for path in percent.lessons():
        words, sources = "", []
        cells = percent.read_cells(path.read_text(encoding="utf-8"))
        code = [cell.source for cell in cells if cell.kind == "code"]
        for cell in cells:
            if cell.kind == "markdown":
                words = cell.source
                continue
            sources.append(cell.source)
            if exercise_of(cell.source):
                html = exercise_html(code, len(sources) - 1, words)
                data = json.loads(re.search(r"<script[^>]*>(.+)</script>", html, re.DOTALL)[1])
                assert "check.answer" not in data["code"]
                tasks.append((data["name"], data["before"]))
    assert len(tasks) > 60
    with zipfile.ZipFile(io.BytesIO(own_code())) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-c", TRY, str(tmp_path)]
    result = subprocess.run(command, input=json.dumps(tasks), cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.findall(r"^✓ (\w+): right in all \d+ cases.$", result.stdout, re.MULTILINE) == [name for name, _ in tasks]


def test_what_stops_the_code_is_said_with_its_line(monkeypatch):
    for name in ("known", "done", "missing"):
        monkeypatch.setattr(run_exercise, name, type(getattr(run_exercise, name))())
    run = run_exercise.run_exercise
    assert run("x = 3", "print(x)\nx = 4") == "3\n"
    assert run("x = 3", "print(x)") == "4\n"  # what the lesson gives is run once
    assert run("", "y = 1\n1 / 0") == "in line 2: ZeroDivisionError: division by zero\n"
    assert "'(' was never closed" in run("", "print(")
    assert run("", "raise SystemExit(1)") == "in line 1: SystemExit: 1\n"
    assert run("from nowhere import thing", "print(2)") == "2\n"
    says = "in line 1: NameError: name 'thing' is not defined\nthing needs nowhere, which is not in this page: "
    assert run("", "thing(2)").startswith(says)


def test_the_own_code_is_the_same_at_every_call():
    assert hashlib.sha256(own_code()).digest() == hashlib.sha256(own_code()).digest()


def test_other_files_than_pyodides_are_refused(tmp_path):
    assert runtime_files.runtime(tmp_path / "nowhere") is None
    for name in runtime_files.FILES:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(InputError, match=r"pyodide.asm.js is missing or not the file of Pyodide 0.27.7"):
        runtime_files.runtime(tmp_path)
