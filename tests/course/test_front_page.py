"""The page that lists the lessons, and its small figures."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from lessons.course.thumbnail import SIDE, thumbnail

pytest.importorskip("markdown_it", reason="markdown-it-py is not installed: see requirements-lessons.txt")
from lessons.course.front_page import GROUPS, front_page, lesson_of


def png(width, height):
    image = np.full((height, width, 3), 255, np.uint8)
    image[20:-20, 20:-20] = np.random.default_rng(0).integers(0, 255, (height - 40, width - 40, 3))
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def notebook(title="00 · Boxes", text="**Goal.** See *boxes*.\n\nTime: 20\nminutes.", outputs=()):
    cells = [{"cell_type": "markdown", "source": [f"# {title}\n\n{text}"]}]
    return {"cells": [*cells, {"cell_type": "code", "source": [""], "metadata": {}, "outputs": list(outputs)}]}


def figure(width=900, height=300, alt="three boxes", **metadata):
    return {
        "output_type": "display_data",
        "data": {"image/png": png(width, height), "text/plain": [alt]},
        "metadata": metadata,
    }


def test_a_thumbnail_is_the_first_figure_small_and_without_its_margin():
    html = thumbnail(notebook(outputs=[figure(width=1600), figure(alt="another")]))
    assert 'alt="three boxes"' in html
    content = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    assert len(content) < 60_000
    image = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert max(image.shape) == SIDE
    assert image.shape[1] / image.shape[0] == pytest.approx(3.2, abs=0.03)  # a very broad one is cut off at the right
    assert image[:5].mean() < 200  # no white margin
    assert thumbnail(notebook()) == ""


def test_a_lesson_has_a_title_a_goal_and_a_time():
    lesson = lesson_of("00_boxes", notebook())
    assert lesson[:4] == ("00_boxes", "00 · Boxes", "See *boxes*.", 20)
    assert lesson_of("00_boxes", notebook(text="no goal"))[2:4] == ("", 0)


def test_each_lesson_is_in_its_group_with_its_time_and_its_notebook():
    still = figure(numpyssd="still")
    widget = {"output_type": "display_data", "data": {"text/html": '<div class="widget">w</div>'}, "metadata": {}}
    course = [
        lesson_of("00_boxes", notebook(outputs=[still, widget])),
        lesson_of("09_matching", notebook("09 · Matching")),
        lesson_of("24_fast", notebook("24 · Fast")),
    ]
    page = front_page(course)
    groups = re.findall(r"<h2>(.+?)</h2><ol class=\"cards\">(.+?)</ol>", page, re.DOTALL)
    assert [title for title, _ in groups] == ["What a detector is", "Boxes", "Appendix"]
    assert 'href="09_matching.html"' in groups[1][1]
    assert "20 minutes" in groups[1][1]
    assert '<a href="09_matching.ipynb" download' in groups[1][1]
    assert page.count('<div class="widget">w</div>') == 1
    assert "<noscript>" in page
    assert "3 lessons, about 1 hours" in page


def test_groups_begin_with_the_first_lesson_and_rise():
    firsts = [first for _, first in GROUPS]
    assert firsts[0] == 0
    assert firsts == sorted(set(firsts))
