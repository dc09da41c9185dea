"""The widgets of the pages: each works, says a number, and has room for what it shows."""

import re

import pytest

from tests.lessons.opened import LESSONS, SIZES, Opened
from tests.lessons.operate import OPERATE, said


@pytest.mark.parametrize("name", LESSONS)
def test_each_widget_answers_and_says_a_number(browser, pages, name):
    with Opened(browser, pages / f"{name}.html") as opened:
        for widget in opened.page.locator(".widget").all():
            widget.scroll_into_view_if_needed()
            before = said(widget)
            OPERATE[widget.get_attribute("data-kind")](opened.page, widget)
            after = said(widget)
            assert after != before
            assert re.search(r"\d", after)
        assert opened.complaints == []
        assert opened.third_party() == []


@pytest.mark.parametrize("size", SIZES)
def test_a_plot_stands_beside_its_image_where_there_is_room(browser, pages, size):
    with Opened(browser, pages / "15_evaluation.html", SIZES[size]) as opened:
        image, plot = (each.bounding_box() for each in opened.page.locator(".widget .stage > svg").all())
        beside = image["x"] + image["width"] <= plot["x"] and plot["y"] < image["y"] + image["height"]
        below = image["y"] + image["height"] <= plot["y"]
        assert (beside, below) == ((True, False) if size == "desktop" else (False, True))
        numbers = opened.page.locator(".widget .plot text").all_text_contents()
        assert numbers == ["0", "0.5", "1", "0", "0.5", "1", "recall", "precision"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["08_default_boxes", "15_evaluation"])
def test_a_slider_stands_between_its_buttons_on_one_row(browser, pages, name, size):
    with Opened(browser, pages / f"{name}.html", SIZES[size]) as opened:
        for row in opened.page.locator(".widget .slide").all():
            boxes = [each.bounding_box() for each in row.locator("> *").all()]
            middles = [box["y"] + box["height"] / 2 for box in boxes]
            assert max(middles) - min(middles) < 2
            assert all(a["x"] + a["width"] <= b["x"] for a, b in zip(boxes, boxes[1:]))


OVERLAPS = """widget => {
    const cards = [...widget.querySelectorAll(".m-card")].map(card => card.getBoundingClientRect());
    return cards.filter((a, n) => cards.some((b, m) => m > n && a.left < b.right - .5 && b.left < a.right - .5 &&
        a.top < b.bottom - .5 && b.top < a.bottom - .5)).length;
}"""


@pytest.mark.parametrize("size", SIZES)
def test_the_labels_of_boxes_do_not_overlap(browser, pages, size):
    with Opened(browser, pages / "15_evaluation.html", SIZES[size]) as opened:
        widget = opened.page.locator(".widget")
        for _ in range(12):
            widget.locator("button[aria-label=on]").click()
            assert widget.locator(".m-card").count() > 0
            assert widget.evaluate(OVERLAPS) == 0


def test_two_dragged_boxes_say_the_iou_that_the_library_says(browser, pages):
    with Opened(browser, pages / "01_boxes_and_iou.html") as opened:
        widget = opened.page.locator(".widget").first
        assert "IoU 0.200" in said(widget)
        widget.locator(".handle").last.focus()
        for _ in range(4):
            opened.page.keyboard.press("ArrowLeft")
        opened.page.keyboard.press("ArrowUp")
        opened.page.keyboard.press("ArrowUp")
        assert "shared 48 / covered 48 = IoU 1.000" in said(widget)


@pytest.mark.parametrize("size", SIZES)
def test_a_rate_that_is_too_large_jumps_over_the_valley(browser, pages, size):
    with Opened(browser, pages / "02_what_a_network_is.html", SIZES[size]) as opened:
        widget = opened.page.locator(".widget[data-kind=choose]")
        widget.scroll_into_view_if_needed()
        assert "rate 0.1, step 5: w = 10 - 0.1 · 10 = 9, loss 2.5" in said(widget)
        widget.locator("button", has_text=re.compile("^0.4$")).click()
        widget.locator("button", has_text=re.compile("^1$")).click()
        assert "rate 0.4, step 1: w = 40 - 0.4 · 160 = -24, loss 2560" in said(widget)
        places = [float(dot.get_attribute("cx")) for dot in widget.locator("circle.m-dot").all()]
        heights = [float(dot.get_attribute("cy")) for dot in widget.locator("circle.m-dot").all()]
        assert places[0] > places[1]
        assert heights[0] == pytest.approx(heights[1], abs=0.2)  # the same loss, on the other side


def drag_onto(page, thing, other):
    """Drag the middle of a thing to the middle of another."""
    ends = [box.bounding_box() for box in (thing, other)]
    (x1, y1), (x2, y2) = ((end["x"] + end["width"] / 2, end["y"] + end["height"] / 2) for end in ends)
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=5)
    page.mouse.up()


@pytest.mark.parametrize("size", SIZES)
def test_of_two_objects_in_one_cell_the_second_is_lost_until_the_grid_is_finer(browser, pages, size):
    with Opened(browser, pages / "20_one_grid.html", SIZES[size]) as opened:
        widget = opened.page.locator(".widget").first
        widget.scroll_into_view_if_needed()
        tall, flat = widget.locator(".handle").all()
        assert "both are learned" in said(widget)
        assert "r-ground-truth" in flat.get_attribute("class")
        drag_onto(opened.page, flat, tall)
        assert "Tall: row 2, column 1 (x 0.57, y 0.62). Flat: row 2, column 1 (x 0.57, y 0.62)" in said(widget)
        assert "the flat object is lost" in said(widget)
        assert "r-negative" in flat.get_attribute("class")
        flat.focus()
        for _ in range(3):
            opened.page.keyboard.press("ArrowRight")
        assert "the flat object is lost" not in said(widget)  # three steps farther is the next column
        opened.page.keyboard.press("ArrowLeft")
        assert "the flat object is lost" in said(widget)
        widget.locator("button[aria-label=on]").click()
        assert "10 x 10 cells" in widget.locator(".counts").inner_text()
        assert "Tall: row 3, column 2 (x 0.25, y 0.75). Flat: row 3, column 2 (x 0.75, y 0.75)" in said(widget)
        widget.locator("button[aria-label=on]").click()
        assert "both are learned" in said(widget)


@pytest.mark.parametrize("size", SIZES)
def test_a_box_over_cells_is_read_by_other_cells_after_half_a_cell(browser, pages, size):
    with Opened(browser, pages / "21_two_stages.html", SIZES[size]) as opened:
        widget = opened.page.locator(".widget[data-kind=drag]")
        widget.scroll_into_view_if_needed()
        assert "reads 2 x 2 cells: IoU 0.11; without the +1 0.28" in said(widget)
        cells = widget.locator(".m-fill").first
        place = cells.get_attribute("y")
        widget.locator(".handle").focus()
        opened.page.keyboard.press("ArrowDown")
        assert cells.get_attribute("y") == place  # a quarter of a cell: the same cells are read
        box = widget.locator(".handle").bounding_box()
        opened.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        opened.page.mouse.down()
        opened.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 1.5 * box["height"], steps=5)
        opened.page.mouse.up()
        assert float(cells.get_attribute("y")) > float(place)
        widget.locator("button", has_text="medium").click()
        assert "reads 3 x 3 cells: IoU 0.73" in said(widget)  # cut off at the edge of the map


@pytest.mark.parametrize("size", SIZES)
def test_of_the_published_factor_the_rest_is_left_when_all_is_equal(browser, pages, size):
    with Opened(browser, pages / "22_the_table_on_the_first_page.html", SIZES[size]) as opened:
        widget = opened.page.locator(".widget[data-kind=choose]")
        widget.scroll_into_view_if_needed()
        assert "7.19 times the multiply-adds" in said(widget)
        assert "8.4 times (batch 8 against batch 1)" in said(widget)
        widget.locator("button", has_text=re.compile("^1$")).click()
        assert "46 and 7, 6.6 times." in said(widget)
        widget.locator("button", has_text="300 x 300").click()
        assert "2.06 times the multiply-adds. The papers have no frames" in said(widget)
        widget.locator("button", has_text=re.compile("^50$")).click()
        assert "1.11 times" in said(widget)
        assert widget.locator("button[aria-pressed=true]").all_inner_texts() == ["1", "300 x 300", "50"]
