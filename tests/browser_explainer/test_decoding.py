"""A default box and its offsets written down as a box."""

import re

import numpy as np
import pytest

from tests.browser_explainer.python_stages import stages_of, tiny


def test_the_offsets_that_are_written_down_make_the_box(node):
    stages = stages_of(0)
    for row in (0, 1030, 1400):
        x, y, w, h = node.call("explainer/decoding.js", "decodingLines", stages, row)
        box = stages["decoded"].reshape(-1, 4)[row] * 96
        for line, value in [(x, box[[0, 2]].mean()), (y, box[[1, 3]].mean())]:
            a, b, c, d, e = numbers(line)
            assert c == 0.1
            assert e == pytest.approx(value, abs=0.051)
            assert a + b * c * d == pytest.approx(e, abs=0.2)
        for line, value in [(w, box[2] - box[0]), (h, box[3] - box[1])]:
            a, b, c, e = numbers(line)
            assert a * np.exp(b * c) == pytest.approx(e, abs=0.2)
            assert e == pytest.approx(value, abs=0.051)


def numbers(line):
    """Return the numbers of a line, whose minus sign is a typographic one."""
    return [float(number) for number in re.findall(r"[+-]?\d+\.\d+", line.replace("−", "-"))]


def test_the_size_of_a_default_box_is_said_in_both_pixels(node):
    (_, described), stages = tiny(), dict(stages_of(0), width=200, height=100)
    row = 4 * (16 * 5 + 9) + 2
    words = node.call("explainer/decoding.js", "sizeWordsOf", described, stages, row)
    wide, high, w, h, to_w, to_h = map(float, re.findall(r"\d+\.\d+", words))
    assert (wide, high) == (pytest.approx(200 / 64, abs=0.006), pytest.approx(100 / 64, abs=0.006))
    assert (to_w, to_h) == (pytest.approx(w * 200 / 64, abs=0.2), pytest.approx(h * 100 / 64, abs=0.2))
    lines = node.call("explainer/decoding.js", "decodingLines", stages, row)
    assert [numbers(line)[0] for line in lines[2:]] == [to_w, to_h]  # the arithmetic below begins with them
    x1, y1, x2, y2 = stages["decoded"].reshape(-1, 4)[row] * [200, 100, 200, 100]
    words = node.call("explainer/decoding.js", "placeWords", stages, row)
    wanted = np.floor(np.array([x2 - x1, y2 - y1, x1, y1]) + 0.5)
    assert [int(number) for number in re.findall(r"-?\d+", words)] == wanted.tolist()
