"""gradients: what is reported of each layer, when, and what becomes of it when a run is resumed."""

import csv
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from short_run import arrays_of, before_each_step, short_run
from windows import held

from numpyssd import files
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.reports import report
from numpyssd.reports.gradient_figure import draw_gradients, write_gradient_figure
from numpyssd.run.gradient_report import COLUMNS, forget_report, read_report, report_gradients
from numpyssd.training.optimizer import SGD


def rows_of(folder):
    with open(folder / "gradients.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def optimizer_of(rng, names=("a.weight", "a.bias", "b.weight")):
    parameters = {n: SimpleNamespace(value=rng.normal(size=(3, 2)), grad=rng.normal(size=(3, 2))) for n in names}
    return SGD(parameters, 0.1)


def test_golden(tmp_path):
    # By hand. Weights (3, 4), gradient (0, 6), rate 0.5, no decay: the step is (0, 3), so the weights become (3, 1).
    parameters = {"a.weight": SimpleNamespace(value=np.array([3.0, 4.0]), grad=np.array([0.0, 6.0]))}
    optimizer = SGD(parameters, 0.5, weight_decay=0)
    optimizer.step()
    report_gradients(tmp_path, 7, optimizer)
    (row,) = rows_of(tmp_path)
    assert tuple(row) == COLUMNS
    assert (row["iteration"], row["parameter"], row["values"]) == ("7", "a.weight", "2")
    found = [float(row[name]) for name in ("weights", "gradient", "step", "ratio")]
    assert found == pytest.approx([math.sqrt(10), 6, 3, 3 / math.sqrt(10)], rel=1e-5)


def test_the_step_is_how_far_the_weights_really_went(tmp_path):
    training = short_run(tmp_path, iterations=3, evaluations=1)
    training.report = True
    before = {}

    def keep(iteration):
        before.update({n: p.value.copy() for n, p in training.model.parameters().items()})

    before_each_step(training, keep).run()
    rows = {row["parameter"]: row for row in rows_of(tmp_path)}
    assert set(rows) == set(training.model.parameters())
    for name, parameter in training.model.parameters().items():
        gone = np.linalg.norm(parameter.value.astype(float) - before[name])
        assert float(rows[name]["step"]) == pytest.approx(gone, rel=1e-3, abs=1e-6)
        assert float(rows[name]["gradient"]) == pytest.approx(np.linalg.norm(parameter.grad), rel=1e-4)


def test_one_report_an_evaluation_and_none_unless_asked_for(tmp_path):
    (tmp_path / "on").mkdir()
    (tmp_path / "off").mkdir()
    reporting, silent = (short_run(tmp_path / name, evaluations=5) for name in ("on", "off"))
    reporting.report = True
    reporting.run()
    silent.run()
    assert sorted({int(row["iteration"]) for row in rows_of(tmp_path / "on")}) == [2, 4, 6, 8, 10]
    assert not (tmp_path / "off" / "gradients.csv").exists()
    a, b = arrays_of(reporting), arrays_of(silent)
    assert all(np.array_equal(a[n], b[n]) for n in a)  # looking changes nothing


def test_a_resumed_run_goes_on_with_the_report(tmp_path, rng):
    optimizer = optimizer_of(rng)
    optimizer.step()
    for iteration in (10, 20, 30, 20):  # it was interrupted after the third, and goes on from before the second
        report_gradients(tmp_path, iteration, optimizer)
    assert [int(row["iteration"]) for row in rows_of(tmp_path)] == [10] * 3 + [20] * 3
    for parameter in optimizer.parameters.values():
        parameter.grad = np.zeros_like(parameter.value)
    report_gradients(tmp_path, 20, optimizer)  # a process that has made no step yet knows no gradient
    assert [int(row["iteration"]) for row in rows_of(tmp_path)] == [10] * 3 + [20] * 3


def test_weights_that_are_zero_have_no_ratio(tmp_path):
    optimizer = SGD({"a.weight": SimpleNamespace(value=np.zeros(2), grad=np.ones(2))}, lr=0)
    report_gradients(tmp_path, 1, optimizer)
    assert rows_of(tmp_path)[0]["ratio"] == "nan"


def test_a_folder_that_cannot_be_written(tmp_path, rng):
    with pytest.raises(InputError, match="gradients.csv cannot be written"):
        report_gradients(tmp_path / "no", 1, optimizer_of(rng))


def test_what_was_written_is_read(tmp_path, rng):
    optimizer = optimizer_of(rng)
    optimizer.step()
    for iteration in (5, 10):
        report_gradients(tmp_path, iteration, optimizer)
    with open(tmp_path / "gradients.csv", "a") as file:
        file.write("15,a.wei\0\0\n")  # a crash
    iterations, names, gradients, ratios = read_report(tmp_path / "gradients.csv")
    assert list(iterations) == [5, 10]
    assert names == ["a.weight", "b.weight"]
    assert gradients.shape == ratios.shape == (2, 2)
    for row, name in enumerate(names):
        length = np.linalg.norm(optimizer.parameters[name].grad)
        np.testing.assert_allclose(gradients[row], length, rtol=1e-5)
        went = np.linalg.norm(optimizer.velocity[name]) / np.linalg.norm(optimizer.parameters[name].value)
        np.testing.assert_allclose(ratios[row], went, rtol=1e-5)


def test_the_figure_has_a_row_for_each_layer_and_a_column_for_each_evaluation():
    figure, axes = new_figure(1, 2)
    gradients = np.array([[1.0, 0.0, 4.0], [2.0, np.nan, 8.0]])
    draw_gradients(axes, np.array([10, 20, 30]), ["conv1_1.weight", "loc.0.weight"], gradients, gradients / 1000)
    for ax in axes[:2]:
        assert ax.images[0].get_array().shape == (2, 3)
        assert [text.get_text() for text in ax.get_yticklabels()] == ["conv1_1", "loc.0"]
        assert [text.get_text() for text in ax.get_xticklabels()] == ["10", "20", "30"]
        assert list(ax.images[0].get_array().mask[:, 1]) == [True, True]  # no gradient at all is no color
    norm = axes[1].images[0].norm
    assert norm(1e-3) == pytest.approx(0.5)  # the middle, white, is the rule of thumb
    figure.canvas.draw()


@pytest.mark.parametrize("value", [0.0, np.nan, 3.0])
def test_the_figure_of_gradients_that_are_all_alike(value):
    figure, axes = new_figure(1, 2)
    values = np.full((2, 1), value)
    draw_gradients(axes, np.array([1]), ["a.weight", "b.weight"], values, values)
    figure.canvas.draw()


def test_the_report_shows_it_and_a_new_run_forgets_it(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(report, "curves_png", lambda *_: b"")  # they take their time, and are tested elsewhere
    optimizer = optimizer_of(rng)
    report_gradients(tmp_path, 5, optimizer)
    text = report.write_report(tmp_path).read_text(encoding="utf-8")
    assert "How fast each layer learns" in text
    assert (tmp_path / "gradients.png").read_bytes().startswith(b"\x89PNG")
    forget_report(tmp_path)
    assert "How fast each layer learns" not in report.write_report(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "iteration,parameter\n", "\0\0\0", "x\n1\n"])
def test_a_damaged_report_is_no_figure(tmp_path, content):
    (tmp_path / "gradients.csv").write_text(content)
    write_gradient_figure(tmp_path)
    assert not (tmp_path / "gradients.png").exists()


def test_a_report_that_cannot_be_forgotten_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "gradients.csv").touch()

    def refuse(path, missing_ok):
        raise held(32, str(path))

    with monkeypatch.context() as here:
        here.setattr(files.time, "sleep", lambda seconds: None)
        here.setattr(Path, "unlink", refuse)
        with pytest.raises(InputError, match="csv is open in another program; close it there, or choose another --out"):
            forget_report(tmp_path)
    forget_report(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "gradients.png").mkdir()
    with pytest.raises(InputError, match=r"gradients.png cannot be written \(.+\); choose another --out"):
        forget_report(tmp_path)
