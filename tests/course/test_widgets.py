"""The numbers inside a widget are the library's, and its script makes no request."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from widget_data import data

from lessons.course.display import capturing, png, show_widget
from lessons.course.widgets import boxes, first_page, gradient, grids, one_grid, output
from lessons.course.widgets import widget as widgets
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import example
from numpyssd.drawing import COLORS, draw_boxes, draw_image, new_figure
from numpyssd.kernels.reference.conv2d import conv2d_backward, conv2d_forward
from numpyssd.model.default_boxes import default_boxes


def all_kinds():
    state = {"say": "a", "name": "A", "marks": [widgets.box((1, 2, 3, 5), "positive", "</script>")]}
    image = np.zeros((4, 4, 3), np.uint8)
    return {
        "drag": boxes.two_boxes(),
        "scrub": widgets.scrub("s", (10, 10), [state, state], image),
        "zoom": widgets.zoom("z", (10, 10), [{**state, "view": (0, 0, 10, 10)}] * 2, image),
        "toggle": widgets.toggle("t", (10, 10), [state, state]),
        "threshold": widgets.threshold("h", (10, 10), [{**state, "counts": [("TP", 1, "positive")]}], curve=[(0, 1)]),
        "choose": first_page.factor(),
        "hover": widgets.hover("o", (10, 10), [(0, 0, 1, 1, "w", [])], 1),
        "rows": boxes.all_rows(SSD300, np.zeros((4, 4, 3), np.uint8)),
        "cells": one_grid.two_objects([np.array([[0, 0, 0.5, 0.5]])]),
    }


def test_two_boxes_say_the_iou_of_every_place():
    for variant in data(boxes.two_boxes())["variants"]:
        first, second = variant["things"]
        a = np.array([[0, 0, first["w"], first["h"]]], float)
        for key, (words, marks) in variant["states"].items():
            dx, dy = (99, 99) if key == "other" else map(int, key.split(","))
            b = np.array([[dx, dy, dx + second["w"], dy + second["h"]]], float)
            shared, covered, value = (float(n) for n in re.findall(r"[\d.]+", words))
            assert value == pytest.approx(iou(a, b)[0, 0], abs=5.1e-4)
            assert value == pytest.approx(shared / covered, abs=5.1e-4)
            assert bool(marks) == (shared > 0)


def test_rows_hold_all_default_boxes():
    maps = data(boxes.all_rows(SSD300, np.zeros((4, 4, 3), np.uint8)))["maps"]
    rebuilt = [(x, y, w, h) for m in maps for y in m["centers"] for x in m["centers"] for w, h, _ in m["shapes"]]
    np.testing.assert_allclose(np.array(rebuilt) / 300, default_boxes(SSD300), atol=3e-5)
    assert [m["first"] for m in maps] == [0, 5776, 7942, 8542, 8692, 8728]


def test_the_slots_of_the_rows_lie_side_by_side_and_say_what_was_found():
    scores = np.zeros((1504, 6))
    scores[1449, 4] = 0.9
    image = np.zeros((64, 64, 3), np.uint8)
    got = data(output.output_rows(TINY, image, scores, ["a", "b", "c", "d", "e"], 7))
    assert got["found"] == {"1449": "; d 0.90"}
    x, y, w, h = got["view"]
    areas = []
    for m in got["maps"]:
        left, top, wide, high = m["slots"]
        areas.append((left, top, left + m["size"] * len(m["shapes"]) * wide, top + m["size"] * high))
        assert x <= left < areas[-1][2] <= x + w
        assert y <= top < areas[-1][3] <= y + h
    assert iou(np.array(areas, float), np.array(areas, float)).sum() == len(areas)  # none lies on another
    assert iou(np.array(areas, float), np.array([[0, 0, got["size"][0], got["size"][1]]], float)).sum() == 0


def test_a_cell_says_its_rows_and_shows_their_boxes():
    cells = data(boxes.boxes_of_cells(SSD300, 2, np.zeros((4, 4, 3), np.uint8)))["cells"]
    x, y, w, h, words, marks = cells[5 * 10 + 7]
    assert (x, y, w, h) == (224, 160, 32, 32)
    start, stop = (int(n) for n in re.search(r"rows (\d+) to (\d+)", words).groups())
    drawn = np.array([mark[2:6] for mark in marks])
    expected = cxcywh_to_xyxy(default_boxes(SSD300)[start : stop + 1]) * 300
    np.testing.assert_allclose(drawn[:, :2], expected[:, :2], atol=0.06)
    np.testing.assert_allclose(drawn[:, 2:], expected[:, 2:] - expected[:, :2], atol=0.11)


def test_a_convolution_forwards_and_backwards_ends_with_the_gradients():
    rng = np.random.default_rng(3)
    x, weight, dout = (rng.integers(-3, 4, shape).astype(float) for shape in ((3, 3), (2, 2), (2, 2)))
    states = data(gradient.convolution_steps(x, weight, dout))["states"]
    assert len(states) == 1 + 4 + 1 + 3 * 4
    dx, dweight, dbias = conv2d_backward(dout[None, ..., None], x[None, ..., None], weight[..., None, None])
    numbers = [float(mark[4]) for mark in states[-1]["marks"] if mark[0] == "text" and mark[5] == "middle"]
    out = conv2d_forward(x[None, ..., None], weight[..., None, None], np.zeros(1))
    shown = (x, weight, out, dout, dx, dweight, dbias)
    np.testing.assert_allclose(numbers, np.concatenate([grid.ravel() for grid in shown]))


def test_a_cell_of_a_convolution_says_its_sum():
    x, weight = np.arange(20.0).reshape(4, 5) % 7, np.array([[1.0, 0], [-2, 3]])
    cells = data(grids.convolution(x, weight))["cells"]
    assert len(cells) == 3 * 4
    words = cells[1 * 4 + 2][4]
    total = (x[1:3, 2:4] * weight).sum()
    assert words.endswith(f" = {total:g}")
    terms = words.split(" = ")[1].split(" + ")
    assert sum(float(a) * float(b.strip("()")) for a, b in (term.split("·") for term in terms)) == total
    assert len(terms) == weight.size  # those with a weight of 0 too
    beside = [mark[4] for mark in cells[0][5] if mark[0] == "text"]
    assert beside == ["×1", "×0", "×-2", "×3"]


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_a_widget_is_alone_in_the_world(kind):
    html = all_kinds()[kind]
    assert not re.search(r"fetch|XMLHttp|import\s*\(|src=|https?://(?!www\.w3\.org/2000/svg)", html)
    assert html.count("</script>") == 1  # none in the data, which would end it
    assert html == all_kinds()[kind]
    assert len(html) < 120_000


def test_a_widget_comes_with_a_figure_of_itself_at_rest():
    with capturing() as shown:
        show_widget(boxes.two_boxes(), new_figure()[0], "two boxes")
    assert [sorted(output["data"]) for output in shown] == [["image/png", "text/plain"], ["text/html", "text/plain"]]
    assert shown[0]["metadata"] == {"numpyssd": "still"}


def test_a_figure_in_few_colors_keeps_those_of_the_roles():
    image, objects, _, _ = example()
    figure, ax = new_figure()
    draw_image(ax, image)
    for role, corner in zip(COLORS, [*objects, objects[1] - 40]):
        draw_boxes(ax, [corner], role, linestyle="-", linewidth=2)
    small = Image.open(io.BytesIO(png(figure)))
    pixels = np.array(small.convert("RGB")).reshape(-1, 3).astype(int)
    for color in COLORS.values():
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert abs(pixels - wanted).sum(axis=1).min() < 30, color
    assert png(figure) == png(figure)


def test_marks_are_in_the_roles_of_drawing():
    assert widgets.box((1, 2, 3, 5), "ground truth") == ["box", "ground-truth", 1, 2, 2, 3]
    assert ".r-ground-truth { color: #009E73" in boxes.two_boxes()


def test_a_plot_has_numbers_at_its_axes_or_none():
    states = [{"say": "a", "marks": []}]
    numbers = widgets.UNIT
    for axes, ticks, expected in (
        (("recall", "precision"), None, [numbers, numbers]),
        (("rank", "loss"), None, [(), ()]),  # how they are scaled is not known
        (("rank", "loss"), (((0, "1"), (1, "100")), numbers), [((0, "1"), (1, "100")), numbers]),
    ):
        found = data(widgets.threshold("h", (10, 10), states, curve=[(0, 1)], axes=axes, ticks=ticks))
        assert found["ticks"] == [[list(tick) for tick in axis] for axis in expected]


def test_small_images_keep_their_pixels():
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    states = [{"say": "a", "name": "A", "marks": []}]
    small = data(widgets.toggle("t", (256, 256), states, noise))
    assert small["crisp"]
    pixels = base64.b64decode(small["images"][0].removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(pixels))), noise)
    large = data(widgets.toggle("t", (256, 256), states, np.zeros((200, 200, 3), np.uint8)))
    assert not large["crisp"]
    assert large["images"][0].startswith("data:image/jpeg")


def test_a_drawing_has_a_margin_for_the_lines_at_its_edge():
    states = [{"say": "a", "name": "A", "marks": []}]
    assert data(widgets.scrub("s", (300, 200), states))["view"] == [-3, -3, 306, 206]
    assert data(widgets.scrub("s", (300, 200), states, margin=50))["view"] == [-50, -50, 400, 300]


def test_a_label_can_be_read_on_the_color_of_its_role():
    style = boxes.two_boxes()
    assert ".r-prediction { color: #E69F00; --role: #E69F00; --on: black;" in style
    assert ".r-positive { color: #0072B2; --role: #0072B2; --on: white;" in style
