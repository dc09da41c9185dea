"""The clinic of lesson 17: its faults are what they are called, and the stored runs show them."""

import json
from dataclasses import fields

import numpy as np
import pytest
from widget_data import data

from benchmarks import clinic as command
from lessons.course.clinic import figures, records
from lessons.course.clinic.answers import WHERE_FOUND, answer, clue
from lessons.course.clinic.faults import (
    CASES,
    FAULTS,
    HEALTHY,
    HELD_OUT,
    TRAIN,
    ClinicDetector,
    data_of,
    exchange_x_and_y,
    one_class_too_low,
)  # fmt: skip
from lessons.course.clinic.looks import confusion, positives_per_object, short
from lessons.course.clinic.symptoms import symptoms
from lessons.course.clinic.training import prepared, steps
from lessons.course.exercises.clinic import EXERCISES, diagnosis
from lessons.course.widgets.clinic import name_the_fault
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.model.ssd import SSD


@pytest.fixture(scope="module")
def runs():
    return records.load_runs()


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_a_fault_is_one_change_of_the_healthy_training(case):
    changed = [field.name for field in fields(case) if getattr(case, field.name) != getattr(HEALTHY, field.name)]
    assert changed[:2] == ["name", "title"]
    assert len(changed) == 3


def test_the_faults_of_the_targets():
    boxes, labels = np.array([[0.1, 0.2, 0.5, 0.9]]), np.array([3])
    assert exchange_x_and_y(boxes, labels)[0].tolist() == [[0.2, 0.1, 0.9, 0.5]]
    assert one_class_too_low(None, np.array([0, 1, 2, 5]))[1].tolist() == [0, 0, 1, 4]
    healthy, shifted = (ClinicDetector(SSD(CASES[n].config), CASES[n]) for n in ("healthy", "labels"))
    right, wrong = (detector.make_targets(boxes, labels)[1] for detector in (healthy, shifted))
    assert right.max() == 3
    assert (wrong == np.maximum(right - 1, 0)).all()


def test_smaller_default_boxes_have_fewer_positives():
    few = ShapesDataset(8)
    counts = [
        positives_per_object(ClinicDetector(SSD(CASES[n].config), CASES[n]), few) for n in ("healthy", "defaults")
    ]
    assert counts[0] > 3 > 2 > counts[1] >= 1


def test_only_the_leak_trains_on_validation_images():
    for case in (HEALTHY, CASES["leak"]):
        train, val, test = data_of(case)
        assert (len(train), len(val), len(test)) == (TRAIN, HELD_OUT, HELD_OUT)
        last = train[TRAIN - 1][0]
        assert (last == val[HELD_OUT - 1][0]).all() == case.leak
        assert not (last == test[HELD_OUT - 1][0]).all()


@pytest.mark.parametrize("name", ["healthy", "negatives", "mean"])
def test_the_file_is_what_this_program_gives(name, runs):
    detector, batches, optimizer, schedule = prepared(CASES[name])
    ((losses, norm),) = steps(detector, batches, optimizer, schedule, 1)
    record = runs[name]
    assert (losses.conf, losses.loc) == pytest.approx((record["conf"][0], record["loc"][0]), rel=2e-3)
    assert norm == pytest.approx(record["gradient_norm"][0], rel=1e-2)


def test_the_file_has_all_runs_and_is_small(runs):
    assert list(runs) == list(CASES)
    assert sorted(name for name, _ in records.load_hidden()) == sorted(CASES)
    assert sorted(records.LETTERS.values()) == sorted(case.name for case in FAULTS)
    assert records.FILE.stat().st_size < 300_000
    for record in runs.values():
        assert len(record["conf"]) == len(record["loc"]) == record["iterations"] or record["stopped"]


def test_the_symptoms_separate_the_faults(runs):
    seen = [(name, symptoms(record)) for name, record in runs.items()] + records.load_hidden()
    assert [diagnosis(each) for _, each in seen] == [name for name, _ in seen]
    for name in EXERCISES["diagnosis"].mistakes:
        mistake = EXERCISES["diagnosis"].mistakes[name].function
        assert [mistake(each) for _, each in seen] != [own for own, _ in seen]


def test_symptoms_of_a_record_by_hand():
    record = {
        "conf": [8.0, 12, *[2.0] * 40], "loc": [3.0, 3, *[1.0] * 40], "steps": [[1, [0.5, 0.25]]], "stopped": "",
        "positives_per_object": 4.0, "train_map": 0.5, "maps": [[42, 0.25]], "test_map": 0.125,
        "confusion": [[3, 0, 1], [1, 2, 3]],
    }  # fmt: skip
    seen = symptoms(record)
    assert seen["first"] == pytest.approx(8 / (4 * np.log(6)), rel=1e-3)
    assert (seen["rise"], seen["worst"], seen["step"], seen["conf"], seen["loc"]) == (1.5, 1.5, 0.5, 2, 1)
    assert (seen["train"], seen["val"], seen["test"]) == (0.5, 0.25, 0.125)
    assert (seen["found"], seen["named"]) == pytest.approx((0.6, 5 / 6), abs=1e-3)
    assert symptoms(record | {"stopped": "iteration 43: loc"})["val"] is None


def test_a_confusion_counts_the_best_box_over_the_score():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [50, 50, 60, 60], [20, 20, 30, 30]], float)
    found = [(boxes, np.array([2, 1, 1, 1]), np.array([0.9, 0.8, 0.7, 0.2]))]
    truth = [(boxes[[0, 3]], np.array([1, 2]), np.zeros(2, bool))]
    assert confusion(found, truth, 2).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_the_widget_says_yes_to_the_right_answer_alone(runs):
    got = data(name_the_fault(runs, clue))
    assert len(got["states"]) == 8 * 9
    for r, (letter, name) in enumerate(records.LETTERS.items()):
        for a, case in enumerate(FAULTS, start=1):
            words, marks = got["states"][f"{r},{a}"]
            assert words.startswith(f"{letter}: {'Yes' if case.name == name else 'No'}. ")
            assert marks == got["states"][f"{r},0"][1]
            assert all(0 <= value <= 400 for mark in marks for value in mark[2:6])
        assert "times the expected one" in got["states"][f"{r},0"][0]


def test_answers_have_numbers_of_the_run_and_a_project(runs):
    for name in WHERE_FOUND:
        words = answer(name, symptoms(runs[name]))
        assert WHERE_FOUND[name].split(":")[0] in words.replace("\n", " ")
        assert max(map(len, words.splitlines())) <= 80
    assert "38.1" in answer("negatives", symptoms(runs["negatives"]))


def test_the_sheets_draw_each_run(runs):
    val = data_of(HEALTHY)[1]
    for draw, more in (
        (figures.draw_loss_sheet, ()), (figures.draw_map_sheet, ()), (figures.draw_step_sheet, ()),
        (figures.draw_detection_sheet, (val,)),
    ):  # fmt: skip
        healthy = ["h"] * len(more)  # the healthy run is shown, too
        _, axes = new_figure(*((3, 3) if healthy else (2, 4)), (11, 5))
        draw(axes, runs, *more)
        assert [ax.get_title(loc="left")[0] for ax in axes] == [*healthy, *records.LETTERS]
        assert all(ax.lines or ax.images for ax in axes)


def test_the_image_of_the_sheet_shows_the_fault_of_the_labels(runs):
    val = data_of(HEALTHY)[1]
    _, axes = new_figure(3, 3, (8, 8))
    figures.draw_detection_sheet(axes, runs, val)
    names = [[text.get_text().strip() for text in ax.texts] for ax in axes]
    assert names[0] == ["triangle"]
    assert names[1 + list(records.LETTERS).index("A")] == ["ring"]  # the class before
    assert records.LETTERS["A"] == "labels"
    assert max(map(len, names)) == 1  # so no name covers another
    assert axes[0].get_title(loc="left") == "healthy: 1 box"


def test_a_run_is_put_beside_the_others(tmp_path, runs):
    path = tmp_path / "clinic.json"
    stored = json.loads(records.FILE.read_text(encoding="utf-8"))["runs"]
    for seed in (0, 1, 1):
        command.add(path, stored["labels"] | {"seed": seed})
    command.add(path, stored["healthy"])
    kept, hidden = records.stored(path)
    assert list(kept) == ["healthy", "labels"]
    assert kept["labels"] == stored["labels"]
    assert hidden == [["labels", 1, symptoms(stored["labels"])]]
    assert list(records.load_runs(path)["labels"]["conf"][:2]) == stored["labels"]["conf"][:2]


def test_an_unknown_case_is_told(capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["--only", "lables"])
    assert "there is no case lables; the cases are healthy, rate" in capsys.readouterr().err


def test_numbers_are_short():
    assert short(0.123456) == 0.1235
    assert short(float("nan")) is None
