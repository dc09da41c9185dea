"""From percent format to a notebook: cells, what they put out, and that nothing in it depends on time or place."""

import json

import pytest

from lessons.course import notebook
from lessons.course.percent import read_cells

TEXT = """# %% [markdown]
# # A title
#
# Words with $x$.

# %%
def double(x):
    return 2 * x


print(double(2))

# %% tags=["varies"]
from numpyssd.drawing import new_figure
from lessons.course.display import show, show_source

for size in (1, 2):
    print("before", size)
    show(new_figure(size=(size, 1))[0], "an empty figure")
import inspect
print(inspect.getsource(double))
"""


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "00_tiny.py"
    path.write_text(TEXT)
    return path


def test_cells_are_read():
    cells = read_cells(TEXT)
    assert [cell.kind for cell in cells] == ["markdown", "code", "code"]
    assert cells[0].source == "# A title\n\nWords with $x$."
    assert cells[1].source.startswith("def double")
    assert cells[2].tags == ("varies",)


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = 1\n# %%", "line 1"), ("# %% [markdown]\nx = 1", "line 2"), ("# %%\n# %% [raw]", "line 2")],
)
def test_what_is_in_no_cell_is_named(text, line):
    with pytest.raises(ValueError, match=line):
        read_cells(text)


def test_outputs_come_in_the_order_in_which_they_were_made(lesson):
    cells, outputs = notebook.run(lesson)
    assert outputs[0] == []
    assert outputs[1] == [{"name": "stdout", "output_type": "stream", "text": "4\n"}]
    kinds = ["stream", "display_data", "stream", "display_data", "stream"]
    assert [output["output_type"] for output in outputs[2]] == kinds
    assert outputs[2][1]["data"]["text/plain"] == "an empty figure"
    assert outputs[2][4]["text"] == "def double(x):\n    return 2 * x\n\n"


def test_two_runs_give_the_same_bytes_and_ids_stay(lesson):
    first = notebook.notebook_text(lesson)
    assert notebook.notebook_text(lesson) == first
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == 3
    lesson.write_text("# %%\nx = 1\n\n" + TEXT)  # a cell in front
    assert [cell["id"] for cell in json.loads(notebook.notebook_text(lesson))["cells"]][1:] == ids


def test_the_same_cell_twice_has_two_ids(lesson):
    lesson.write_text("# %%\nx = 1\n\n# %%\nx = 1\n")
    ids = [cell["id"] for cell in json.loads(notebook.notebook_text(lesson))["cells"]]
    assert len(set(ids)) == 2


def test_a_value_at_the_end_is_refused_because_a_terminal_would_not_show_it(lesson):
    lesson.write_text("# %%\n1 + 1\n")
    with pytest.raises(ValueError, match="line 1 has the value 2: print it"):
        notebook.run(lesson)


def test_an_error_names_its_cell(lesson):
    lesson.write_text("# %%\nx = 1\n\n# %%\nx / 0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        notebook.run(lesson)
    assert "00_tiny, cell 2" in caught.value.__notes__[0]


def test_the_command_writes_the_notebook_beside_the_lesson(lesson, capsys):
    notebook.main([str(lesson)])
    written = json.loads(lesson.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert (written["nbformat"], written["nbformat_minor"]) == (4, 5)
    assert "00_tiny.ipynb" in capsys.readouterr().out
    assert [path.name for path in lesson.parent.iterdir() if path.suffix == ".tmp"] == []
