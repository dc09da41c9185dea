"""Which color can be read on which, by the definitions of WCAG 2.2."""

import numpy as np
import pytest

from numpyssd.contrast import contrast, luminance, readable, text_color
from numpyssd.drawing import COLORS, draw_boxes, draw_image, new_figure
from numpyssd.reports.annotate import class_color


def test_black_and_white_have_the_contrast_of_the_definition():
    assert (luminance("#000000"), luminance("#FFFFFF")) == pytest.approx((0, 1))
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21) == contrast("#FFFFFF", "#000000")
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


def test_orange_is_labeled_in_black_and_blue_in_white():
    assert text_color(COLORS["prediction"]) == "black"
    assert text_color(COLORS["ground truth"]) == "black"
    assert text_color(COLORS["positive"]) == "white"
    assert text_color(COLORS["negative"]) == "white"


def test_a_text_can_be_read_on_every_color():
    names = {"black": "#000000", "white": "#FFFFFF"}
    grid = [f"#{r:02X}{g:02X}{b:02X}" for r in range(0, 256, 51) for g in range(0, 256, 51) for b in range(0, 256, 51)]
    for color in [*grid, *COLORS.values(), *map(class_color, range(1, 81))]:
        assert contrast(names[text_color(color)], color) >= 4.5


def test_labels_of_boxes_are_in_the_text_color_of_what_is_behind_them():
    _, ax = new_figure()
    draw_image(ax, np.zeros((50, 100, 3), np.uint8))
    for role, options in (("prediction", {}), ("positive", {}), ("prediction", {"edgecolor": "navy"})):
        draw_boxes(ax, [[10, 20, 40, 45]], role, ["cat 0.9"], **options)
    assert [text.get_color() for text in ax.texts] == ["black", "white", "white"]


def test_a_color_is_made_readable_with_the_least_change():
    assert readable("#000000", "#FFFFFF") == "#000000"
    for background in ("#FFFFFF", "#1C1F24"):
        for color in COLORS.values():
            found = readable(color, background)
            assert 4.5 <= contrast(found, background) < 4.7 or found == color
    with pytest.raises(ValueError, match="no color has a contrast of 22"):
        readable("#000000", "#FFFFFF", 22)
