"""Every exercise: the answer passes, the blank is told politely, each named mistake is recognized as itself."""

import numpy as np
import pytest

from lessons.course import check
from lessons.course.display import capturing
from lessons.course.exercises.exercise import same
from lessons.course.trial import try_exercise
from lessons.course.written import written
from numpyssd.boxes import iou
from numpyssd.config import SSD300
from numpyssd.datasets.shapes import example
from numpyssd.inference.nms import nms
from numpyssd.kernels.reference.conv2d import conv2d_forward
from numpyssd.kernels.shapes import conv_output_size
from numpyssd.model.box_coding import decode
from numpyssd.model.default_boxes import cell_sizes, default_boxes

MISTAKES = [(name, mistake) for name, exercise in check.EXERCISES.items() for mistake in exercise.mistakes]


@pytest.mark.parametrize("name", check.names())
def test_the_answer_passes(name):
    assert try_exercise(name, check.EXERCISES[name].answer).outcome == "right"


def not_written(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("name", check.names())
@pytest.mark.parametrize("blank", [not_written, lambda *a: None, lambda *a: ...], ids=["raises", "None", "dots"])
def test_a_blank_is_told_politely(name, blank, capsys):
    assert try_exercise(name, blank).outcome == "blank"
    getattr(check, name)(blank)
    words = capsys.readouterr().out
    assert words.count("\n") == 1
    assert f'check.hint("{name}")' in words


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=lambda value: value.replace(" ", "_"))
def test_each_mistake_is_recognized_as_itself(name, mistake):
    exercise = check.EXERCISES[name]
    for function in (exercise.mistakes[mistake].function, *exercise.mistakes[mistake].variants):
        found = try_exercise(name, function)
        assert (found.outcome in ("wrong", "error"), found.mistake) == (True, mistake)
        assert exercise.mistakes[mistake].says in found.words
        assert ("yours:" in found.words) == (found.outcome == "wrong")


@pytest.mark.parametrize("name", check.names())
def test_something_else_is_wrong_without_a_name(name):
    found = try_exercise(name, lambda *arguments: -12345.678)
    assert (found.outcome, found.mistake) == ("wrong", None)


@pytest.mark.parametrize("name", check.names())
def test_an_error_names_the_learners_own_line(name):
    def broken(*arguments):
        return [][3]  # the line to be named

    found = try_exercise(name, broken)
    assert found.outcome == "error"
    assert "IndexError" in found.words
    assert "the line to be named" in found.words
    assert "trial.py" not in found.words


@pytest.mark.parametrize("name", check.names())
def test_every_exercise_is_complete(name):
    exercise = check.EXERCISES[name]
    assert exercise.question.endswith(".")
    assert len(exercise.hints) == 2
    assert exercise.mistakes
    assert len({mistake.says for mistake in exercise.mistakes.values()}) == len(exercise.mistakes)
    assert name == exercise.answer.__name__  # the third hint shows the answer under the name that was asked for


def test_an_exercise_has_no_name_that_the_checker_needs():
    assert not set(check.names()) & set(vars(check))


def test_hints_come_one_by_one_then_the_answer(capsys, monkeypatch):
    monkeypatch.setattr(check, "_hints_given", {})
    exercise = check.EXERCISES["iou"]
    for expected in (exercise.hints[0], exercise.hints[1], "def iou(a, b):", "def iou(a, b):"):
        check.hint("iou")
        assert expected in capsys.readouterr().out


def test_an_unknown_exercise_names_the_nearest():
    with pytest.raises(AttributeError, match="do you mean 'iou'"):
        check.iuo(print)
    with pytest.raises(AttributeError, match="no exercise"):
        check.hint("nothing like it")


@pytest.mark.parametrize("name", check.names())
@pytest.mark.parametrize("odd", [[[1, 2], [3]], (np.zeros(2), [[1], [1, 2]]), 10**400, [10**400], "a", {}], ids=str)
def test_whatever_is_returned_the_checker_itself_never_stops(name, odd):
    assert try_exercise(name, lambda *arguments: odd).outcome == "wrong"


def test_a_path_through_the_function_that_returns_nothing_is_shown():
    found = try_exercise("iou", lambda a, b: iou([a], [b])[0, 0] or None)
    assert found.outcome == "wrong"
    assert "yours:    None   (does every path through the function return something?)" in found.words


def test_an_error_is_told_with_the_exercise_and_the_case():
    assert try_exercise("iou", lambda a, b: 1 / 0).words.startswith("✗ iou: case 1 of ")


def test_what_a_function_prints_is_printed_once_for_each_case(capsys):
    check.iou(lambda a, b: print("looking") or -1)
    assert capsys.readouterr().out.count("looking") == 1


def test_a_hint_wants_a_name():
    with pytest.raises(TypeError, match=r'in quotes: check.hint\("iou"\)'):
        check.hint(iou)


def test_zero_has_no_sign():
    assert written(-0.0) == "0"


def test_a_call_instead_of_a_function_is_told():
    assert "brackets" in try_exercise("iou", 0.5).words


def test_the_arguments_of_the_next_try_are_not_spoilt():
    def spoils(boxes, scores, threshold):
        boxes[:] = 0
        return check.EXERCISES["nms"].answer(boxes, scores, threshold)

    found = try_exercise("nms", spoils)
    assert found.outcome == "wrong"
    assert found.case[0][0].any()  # shown is what was asked, not what became of it
    assert try_exercise("nms", check.EXERCISES["nms"].answer).outcome == "right"


@pytest.mark.parametrize("name", [name for name, exercise in check.EXERCISES.items() if exercise.draw])
def test_a_wrong_result_is_drawn_where_there_is_a_figure_for_it(name):
    for mistake in list(check.EXERCISES[name].mistakes.values())[::4]:
        with capturing() as shown:
            getattr(check, name)(mistake.function)
        stops = try_exercise(name, mistake.function).outcome == "error"  # and has no result to be drawn
        assert [sorted(item["data"]) for item in shown] == ([] if stops else [["image/png", "text/plain"]])


def test_same_looks_at_shapes_and_items():
    assert same([0, 1], [0, 1])
    assert same((np.zeros(2), 1), (np.zeros(2), 1))
    assert not same(np.zeros((1, 2)), np.zeros(2))
    assert not same([0, 1], [1, 0])
    assert not same("a", [1])
    assert not same((np.zeros(2),), (np.zeros(2), 1))
    assert same(np.nan, np.nan)


# The answers are the library's own arithmetic, written so that it can be read.


def test_answers_about_boxes_equal_the_library(rng):
    boxes = np.sort(rng.uniform(size=(7, 2, 2)), axis=1).reshape(-1, 4)
    answers = check.EXERCISES
    np.testing.assert_allclose(answers["iou_matrix"].answer(boxes[:3], boxes[3:]), iou(boxes[:3], boxes[3:]))
    assert answers["iou"].answer(*boxes[:2]) == pytest.approx(iou(boxes[:1], boxes[1:2])[0, 0])


def test_answers_about_convolution_equal_the_library(rng):
    answers, x, kernel = check.EXERCISES, rng.normal(size=(7, 6)), rng.normal(size=(3, 2))
    expected = conv2d_forward(x[None, :, :, None], kernel[:, :, None, None], np.zeros(1))[0, :, :, 0]
    np.testing.assert_allclose(answers["convolve"].answer(x, kernel), expected)
    np.testing.assert_allclose(answers["im2col"].answer(x, 3, 2) @ kernel.ravel(), expected.ravel())
    for arguments in answers["output_size"].cases():
        assert answers["output_size"].answer(*arguments) == conv_output_size(*arguments)


def test_answers_about_default_boxes_equal_the_library():
    maps, answers = SSD300.feature_maps, check.EXERCISES
    assert answers["count_boxes"].answer([(m.size, len(m.aspect_ratios)) for m in maps]) == len(default_boxes(SSD300))
    for m in maps:
        shapes = answers["box_shapes"].answer(m.scale_px, m.next_scale_px, m.aspect_ratios)
        np.testing.assert_allclose(shapes, cell_sizes(m))
    table = [(m.size, m.boxes_per_cell) for m in maps]
    row = answers["row_of"].answer(table, 1, 3, 5, 0)
    box = default_boxes(SSD300)[row] * 300
    np.testing.assert_allclose(box[:2], answers["cell_centers"].answer(19, 16.0)[3 * 19 + 5], rtol=1e-5)


def test_answers_about_detection_equal_the_library(rng):
    _, boxes, _, _ = example()
    shaken = np.concatenate([boxes + rng.normal(0, 8, boxes.shape) for _ in range(6)])
    scores = rng.permutation(len(shaken)) / len(shaken)
    assert check.EXERCISES["nms"].answer(shaken, scores, 0.45) == nms(shaken, scores, 0.45).tolist()
    offsets, default = rng.normal(size=4), np.array([0.4, 0.6, 0.2, 0.3])
    np.testing.assert_allclose(check.EXERCISES["decode_box"].answer(offsets, default), decode([offsets], [default])[0])
