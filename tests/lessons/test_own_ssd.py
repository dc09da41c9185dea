"""Lesson 16's file: the solution learns, its blank follows from it, and the checker names what is wrong in others."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lessons.course import check
from lessons.course.own_ssd import blank, growth, load
from lessons.course.own_ssd.__main__ import main
from lessons.course.own_ssd.check import compare
from lessons.course.own_ssd.compare import difference
from lessons.course.own_ssd.learning import RECIPE, evaluate, train
from lessons.course.own_ssd.reference import CONFIG
from lessons.course.own_ssd.stages import STAGES
from lessons.own_ssd import my_ssd, my_ssd_blank
from numpyssd.config import TINY
from numpyssd.errors import InputError
from numpyssd.model.default_boxes import default_boxes
from tests.lessons.own_ssd_mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
TEXT = Path(my_ssd.__file__).read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path):
    """Return a function that writes the solution, with changes, and returns its path."""

    def write(*changes):
        text = TEXT
        for old, new in changes:
            assert text.count(old) == 1, f"{text.count(old)} times in the solution: {old}"
            text = text.replace(old, new)
        path = tmp_path / "my_ssd.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ---- the solution and its blank -------------------------------------------------------------------------------------


def test_the_solution_passes_every_stage(capsys):
    assert main([my_ssd.__file__]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[:18]] == ["✓"] * 18
    assert "all 3 objects are found" in lines[17]


def test_a_short_training_finds_objects_that_it_has_never_seen():
    said = []
    recipe = {**RECIPE, "images": 400, "steps": 60, "test_images": 30}
    weights, averages, curve = train(my_ssd, said.append, recipe, every=20, moments=(60,))
    untrained = evaluate(my_ssd, *my_ssd.new_network(0), 5).mean
    assert untrained < 0.02
    assert curve[-1][-1] == evaluate(my_ssd, weights, averages, 30).mean
    assert curve[-1][-1] > 0.1  # the whole run of benchmarks/own_ssd.py has 600 steps
    assert len(said) == 1 + 3


def test_the_solution_imports_numpy_and_nothing_else():
    imports = [node for node in ast.walk(ast.parse(TEXT)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]


def body(source, name):
    """Return the statements of a function, without its docstring and its comments."""
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    return [ast.unparse(node) for node in function.body[ast.get_docstring(function) is not None :]]


def test_what_is_called_an_answer_of_an_exercise_is_that_answer():
    names = re.findall(r"^# lesson \d\d\ndef (\w+)", TEXT, re.MULTILINE)
    assert len(names) >= 20
    for name in names:
        assert body(TEXT, name) == body(check.source(name), name), name


def test_every_function_belongs_to_one_stage_and_says_where_it_comes_from():
    listed = [name for stage in STAGES for name in (*stage.exercises, *stage.functions)]
    assert sorted(listed) == sorted(load.functions()) == sorted(growth.origins(my_ssd))
    found, counts = growth.origins(my_ssd), growth.line_counts(my_ssd)
    assert counts["forward"] == 1 + 3
    assert 120 < sum(counts[name] for name in found if found[name] == "new") < 200  # "about 150 lines"


def test_the_blank_lists_the_names_of_all_weights():
    words = my_ssd_blank.new_network.__doc__
    of_first = ("conv1.", "conv1_bn.", "norm.", "loc.0.", "conf.0.")
    for part in my_ssd.new_network(0):
        for name in part:
            if name.startswith(of_first):
                assert f"{name} " in words or f"{name}," in words or f"{name};" in words, name


def test_an_image_without_objects_teaches_nothing_and_stops_nothing():
    defaults, rng = my_ssd.default_boxes(), np.random.default_rng(0)
    image = rng.integers(0, 256, (my_ssd.SIZE, my_ssd.SIZE, 3)).astype(np.uint8)
    weights, averages = my_ssd.new_network(0)
    batch = my_ssd.make_batch([(image, np.zeros((0, 4)), np.zeros(0, int))] * 2, [False, True], defaults)
    assert not batch[1].any()
    assert not batch[2].any()
    loc, conf, _ = my_ssd.forward(weights, averages, batch[0], True)
    loss, dloc, dconf = my_ssd.loss_and_gradients(loc, conf, *batch[1:])
    assert (loss, dloc.any(), dconf.any()) == (0, False, False)


def test_a_file_that_needs_an_object_in_each_image_is_told(file):
    start = "    if not len(boxes):\n        return loc, np.zeros(len(defaults), int)\n"
    found = next(r for r in compare(load.load(file((start, ""))), by_heart=False) if r.outcome != "right")
    assert (found.stage.name, found.outcome) == ("matching and encoding", "stops")
    assert "an image without objects is background everywhere" in found.words


def test_the_plan_has_a_line_for_each_stage():
    lines = growth.plan(my_ssd)
    assert [int(line[:2]) for line in lines if line[:2].strip()] == list(range(1, 19))
    assert "flatten_map (07, rewritten for maps)" in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 88


def test_the_blank_is_the_solution_without_its_bodies():
    written = Path(my_ssd_blank.__file__).read_text(encoding="utf-8")
    assert blank.blank(TEXT) == written, "out of date: python -m lessons.course.own_ssd.blank"


def test_the_plan_has_the_default_boxes_of_the_tiny_network():
    assert np.array_equal(default_boxes(CONFIG), default_boxes(TINY))


# ---- what the checker says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "cause", "changes"), [(s, c, rest) for s, c, *rest in MISTAKES])
def test_a_planted_mistake_is_found_where_it_is_and_named(file, stage, cause, changes):
    results = compare(load.load(file(*changes)), by_heart=False)
    found = next(result for result in results if result.outcome != "right")
    assert (found.stage.name, found.outcome) == (stage, "differs"), found.words
    assert found.cause
    assert cause in found.words


def test_the_blank_is_told_stage_by_stage(capsys):
    assert main([my_ssd_blank.__file__]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line[0] for line in lines[:18]] == ["○"] * 18
    assert lines[3] == "○  4 layers forwards: output_size is not written yet"
    assert lines[18] == "0 of 18 stages are right; go on with: IoU"


def test_a_stage_that_is_not_written_does_not_stop_the_others(file):
    first = "    best = overlaps.argmax(axis=0)"
    mine = load.load(file((first, f"    raise NotImplementedError\n{first}")))
    results = {result.stage.name: result for result in compare(mine, by_heart=False)}
    assert results["matching and encoding"].words == "match_boxes is not written yet"
    assert "It builds on a stage that is not right yet: matching and encoding." in results["batches"].words
    wrong = {name for name, result in results.items() if result.outcome != "right"}
    assert wrong == {"matching and encoding", "batches", "a step of training"}


def test_an_error_is_told_with_the_line_where_it_stops(file):
    mine = load.load(file(("    before, x = x, max_pool(x) if pool else x\n", "    before, x = x, x.nothing\n")))
    found = next(result for result in compare(mine, by_heart=False) if result.outcome != "right")
    assert (found.stage.name, found.outcome) == ("feature maps", "stops")
    assert re.search(r"stops with AttributeError: .*nothing.*\n  in line \d+: before, x = x, x.nothing", found.words)


def test_a_network_that_learns_nothing_is_told(file):
    mine = load.load(file(("return value - velocity, velocity", "return value, velocity")))
    *_, last = compare(mine, stages=())
    assert (last.stage.name, last.outcome) == ("one image by heart", "differs")
    assert "it should fall to a 20th or less" in last.words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((("def nms(boxes", "def nms(boxes)) ("),), r"line \d+: unmatched '\)'; Python cannot read it"),
        ((("def nms(boxes", "def other(boxes"),), "has no function nms; copy its head from lessons/own_ssd/my_ssd_b"),
        ((("def nms(boxes, scores, threshold)", "def nms(boxes)"),), r"nms should take \(boxes, scores, threshold\)"),
        ((("CLASSES = 6 ", "CLASSES = 7 "),), "CLASSES is not that of lessons/own_ssd/my_ssd_b"),
        ((("import numpy as np", "import nunpy as np"),), r"line \d+: ModuleNotFoundError: No module named 'nunpy'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_compared_gets_one_sentence(file, changes, words):
    with pytest.raises(InputError, match=words) as caught:
        load.load(file(*changes))
    assert "\n" not in str(caught.value)


def test_bad_input_ends_with_code_2_and_no_traceback(tmp_path):
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    for name, words in (("none.py", "there is no file none.py"), (".", "there is no file ."), ("bytes.py", "UTF-8")):
        command = [sys.executable, "-m", "lessons.course.own_ssd", name]
        found = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
        assert words in found.stderr


def test_a_difference_is_told_with_its_place():
    right = np.zeros((2, 3))
    wrong = right.copy()
    wrong[1, 2] = 5
    words = difference(wrong, right, 1e-6, ("row", "value"))
    assert words == "the result[1, 2] (row 1, value 2) is 5, expected 0; 1 of 6 numbers differ"
    assert difference(wrong[:1], right, 1e-6) == "the result has the shape (1, 3), expected (2, 3)"
    assert "is nan" in difference(np.full(2, np.nan), np.ones(2), 1e-6)
    assert difference(None, right, 1) == "the result should be an array of numbers, and is nothing"
    assert difference({"a": 1}, {"a": 1, "b": 2}, 1e-6) == "the result has nothing under 'b'"
    assert difference({"a": 1, "b": 3}, {"a": 1, "b": 2}, 1e-6) == "the result['b'] is 3, expected 2; right are a"
    assert difference((1, 2), (1, 2, 3), 1e-6) == "the result should be 3 things, and is 2"
    assert difference([right, right], (right, right), 0) is None
