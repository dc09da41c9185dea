import io

import numpy as np
import pytest

from numpyssd.config import TINY
from numpyssd.datasets.analysis.summary import draw_summary
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.drawing import COLORS, LINE_STYLES, LINE_WIDTHS, draw_boxes, draw_image, legend, new_figure, save_figure

DOLLARS = (r"a$\bad{$", "$", "5$ to 6$")  # as formulas these would not even be drawn


def render(figure):
    figure.savefig(io.BytesIO(), format="png")


def test_each_role_has_a_color_a_line_style_and_a_width():
    assert set(COLORS) == set(LINE_STYLES) == set(LINE_WIDTHS)
    assert len(set(COLORS.values())) == len(COLORS)


def test_boxes_are_drawn_where_they_are_in_the_color_of_their_role():
    figure, ax = new_figure()
    draw_image(ax, np.zeros((50, 100, 3), np.uint8))
    draw_boxes(ax, [[10, 20, 40, 45]], "prediction", ["cat 0.9"])
    (box,) = ax.patches
    assert box.get_bbox().extents == pytest.approx([10, 20, 40, 45])
    assert box.get_linestyle() == "-"
    assert ax.texts[0].get_text() == " cat 0.9 "
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 100), (50, 0))


def test_no_boxes_are_legal():
    _, ax = new_figure()
    draw_boxes(ax, np.zeros((0, 4)), "negative", [])
    assert len(ax.patches) == len(ax.texts) == 0


def test_dollars_in_the_names_of_classes_begin_no_formula():
    figure, ax = new_figure()
    draw_image(ax, np.zeros((50, 100, 3), np.uint8))
    draw_boxes(ax, [[10, 20, 40, 45]] * 3, "ground truth", DOLLARS)
    legend(ax, "ground truth")
    render(figure)
    assert [text.get_text().strip() for text in ax.texts] == list(DOLLARS)


def test_nor_do_they_in_the_legend_of_a_description():
    image, objects = np.zeros((96, 96, 3), np.uint8), Annotation.of([[10, 10, 50, 50]], [1])
    figure, axes = new_figure(1, 2)
    draw_summary(axes, AnnotatedImages(DOLLARS, [image], [objects]), TINY)
    render(figure)


def test_an_image_is_written_whole_or_not_at_all(tmp_path):
    figure, _ = new_figure()
    save_figure(figure, tmp_path / "a" / "figure.png")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["figure.png"]
