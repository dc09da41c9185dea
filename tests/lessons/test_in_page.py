"""Exercises run in the page, from a file and without a network."""

import pytest

from lessons.course.exercises.catalog import EXERCISES
from lessons.course.in_page.runtime import runtime
from tests.lessons.opened import LESSONS, Opened, playwright

if runtime() is None:
    pytest.skip("the files of Pyodide are not here: make .venv-lessons/pyodide", allow_module_level=True)

START = 300_000  # milliseconds: Python begins in seconds, but not where all processors are busy


def said(exercise):
    return exercise.locator("pre.printed")


def write(exercise, code):
    exercise.locator("textarea").fill(code)
    exercise.locator("button", has_text="Run").click()


ALL = """
from lessons.course.exercises.catalog import EXERCISES
for name, exercise in EXERCISES.items():
    getattr(check, name)(exercise.answer)
"""


def test_every_exercise_knows_its_answer(browser, pages):
    # All pages have the same Python, which begins in seconds; so one page asks for the exercises of all.
    with Opened(browser, pages / f"{LESSONS[-1]}.html") as opened:
        exercise = opened.page.locator(".exercise").first
        write(exercise, ALL)
        for name in EXERCISES:
            playwright.expect(said(exercise)).to_contain_text(f"✓ {name}: right in all", timeout=START)
        assert opened.complaints == []
        assert [url for url in opened.third_party() if not url.startswith("blob:")] == []


@pytest.mark.parametrize("name", LESSONS)
def test_every_exercise_of_a_page_can_be_run(browser, pages, name):
    with Opened(browser, pages / f"{name}.html") as opened:
        exercises = opened.page.locator(".exercise").all()
        assert len(exercises) >= 3
        for exercise in exercises:
            asked = exercise.get_attribute("id").removeprefix("exercise-")
            assert f"check.{asked}(" in exercise.locator("textarea").input_value()
            assert exercise.locator("button", has_text="Run").is_enabled()


def test_code_is_written_run_stopped_and_kept(browser, pages):
    with Opened(browser, pages / "01_boxes_and_iou.html") as opened:
        page, exercise = opened.page, opened.page.locator("#exercise-iou")
        code, run, stop, back = exercise.locator("textarea"), *exercise.locator("button").all()
        template = code.input_value()
        run.click()
        playwright.expect(said(exercise)).to_contain_text("returns nothing yet", timeout=START)
        write(exercise, template.replace("...", "return 1 / 0"))
        playwright.expect(said(exercise)).to_contain_text("ZeroDivisionError", timeout=START)
        write(exercise, "while True:\n    pass")
        playwright.expect(stop).to_be_enabled()
        assert run.is_disabled()
        stop.click()
        playwright.expect(said(exercise)).to_contain_text("Stopped")
        code.fill("")
        code.press_sequentially("if 3 > 2:\nprint(np.arange(3))")
        assert code.input_value() == "if 3 > 2:\n    print(np.arange(3))"
        code.press("Control+Enter")
        playwright.expect(said(exercise)).to_contain_text("[0 1 2]", timeout=START)
        page.reload()
        assert code.input_value() == "if 3 > 2:\n    print(np.arange(3))"
        back.click()
        assert code.input_value() == template


def test_without_the_runtime_a_page_says_so(browser, pages, tmp_path):
    (tmp_path / "page.html").write_bytes((pages / "01_boxes_and_iou.html").read_bytes())
    with Opened(browser, tmp_path / "page.html") as opened:
        exercise = opened.page.locator(".exercise").first
        exercise.locator("button").first.click()
        playwright.expect(said(exercise)).to_contain_text("python.js is not in the folder of this page")


def test_without_scripts_the_code_is_there_to_read(browser, pages):
    with Opened(browser, pages / "01_boxes_and_iou.html", scripts=False) as opened:
        assert "def my_iou(a, b):" in opened.page.locator("#exercise-iou pre.code").inner_text()
