"""The frame of a page: the colors of its code, and what its policy lets it load."""

import re

import pytest

from numpyssd.contrast import contrast

pytest.importorskip("markdown_it", reason="markdown-it-py is not installed: see requirements-lessons.txt")
from lessons.course.markup import CODE_BACKGROUND, CODE_BACKGROUND_DARK, code_colors
from lessons.course.page import FOLDER, page


def test_code_can_be_read_on_its_background():
    light, dark = code_colors().split("@media (prefers-color-scheme: dark)")
    for rules, background in ((light, CODE_BACKGROUND), (dark, CODE_BACKGROUND_DARK)):
        colors = re.findall(r"[{;] color: (#\w+)", rules)
        assert len(colors) > 30
        for color in colors:
            six = color if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:])
            assert contrast(six, background) >= 4.5
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    assert re.findall(r"--code: (#\w+);", style) == [CODE_BACKGROUND, CODE_BACKGROUND_DARK]


def test_a_page_may_load_nothing_from_a_network():
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page("Title", "<main></main>", "name"))[1]
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|\*|connect-src", policy)
