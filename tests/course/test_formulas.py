"""Formulas become curves."""

import re

import pytest

from lessons.course import formulas


def test_a_formula_is_one_image_in_the_color_of_the_text():
    svg = formulas.svg(r"\frac{a}{b} < 1")
    assert svg.startswith("<svg")
    assert svg.count("<path") == 1
    assert "currentColor" in svg
    assert r'aria-label="\frac{a}{b} &lt; 1"' in svg
    assert re.search(r'd="M[\d. -]+', svg)
    assert formulas.svg(r"\frac{a}{b} < 1") == svg


def test_a_displayed_formula_has_a_line_for_each_double_backslash():
    assert formulas.svg(r"a = 1 \\ b = 2", inline=False).count("<svg") == 2


def test_a_letter_below_the_line_hangs_below_the_line():
    def depth(tex):
        return float(re.search(r"vertical-align:(-?[\d.]+)px", formulas.svg(tex))[1])

    assert depth("g") < depth("x") - 2


def test_what_cannot_be_set_is_an_error():
    with pytest.raises(ValueError, match="cases"):
        formulas.svg(r"\begin{cases} 1 \end{cases}")
