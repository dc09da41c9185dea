"""Every page in a browser, from its file: no request, no error, nothing raw, nothing blank, and each widget works.

Skipped, in words, where there is no Chromium or Playwright. Run by make check-lessons.
"""

import re
from pathlib import Path

import pytest

from tests.lessons.opened import LESSONS, OTHERS, SIZES, Opened, playwright

NAMES = [*LESSONS, *OTHERS, "index"]
NAMES.remove("playground")  # a page of its own


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_and_shows_everything(browser, pages, name, size):
    with Opened(browser, pages / f"{name}.html", SIZES[size]) as opened:
        page = opened.page
        assert opened.third_party() == []
        assert opened.complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]  # nothing sticks out
        raw = page.evaluate(
            "(() => { const all = document.body.cloneNode(true);"
            "all.querySelectorAll('code, pre, script, style').forEach(e => e.remove()); return all.textContent; })()"
        )
        assert "$" not in raw
        assert "KEPT" not in raw
        blank = page.evaluate(
            "[...document.images].filter(i => !i.complete || i.naturalWidth < 50 || i.width < 50).map(i => i.alt)"
        )
        assert blank == []
        assert page.evaluate("[...document.images].every(i => i.alt.length > 10)")
        assert page.evaluate("[...document.querySelectorAll('svg.math')].every(s => s.getBBox().width > 2)")
        assert page.locator(".still").count() == 0


def test_the_playground_stands_beside_the_lessons(browser, pages):
    assert '<a href="playground.html">' in (pages / "index.html").read_text(encoding="utf-8")
    for lesson in (
        "00_what_a_detector_outputs",
        "07_feature_maps_and_predictors",
        "08_default_boxes",
        "14_nms_and_decoding",
    ):
        assert 'href="playground.html"' in (pages / f"{lesson}.html").read_text(encoding="utf-8")
    with Opened(browser, pages / "playground.html") as opened:
        playwright.expect(opened.page.locator("#status")).to_contain_text("Found 3", timeout=20000)
        links = opened.page.locator("main a").evaluate_all("all => all.map(link => link.getAttribute('href'))")
        assert len(links) > 6
        assert all((pages / link).exists() for link in links)
        assert opened.complaints == []
        assert [url for url in opened.third_party() if not url.startswith("blob:")] == []


@pytest.mark.parametrize("name", NAMES)
def test_links_within_the_site_lead_somewhere(pages, name):
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    for target, anchor in re.findall(r'href="([^"#:]*)(?:#([^"]+))?"', text):
        other = (pages / target).read_text(encoding="utf-8") if target else text
        assert not anchor or f'id="{anchor}"' in other, (target, anchor)


@pytest.mark.parametrize("name", LESSONS)
def test_on_a_phone_a_broad_figure_keeps_its_size_and_can_be_pushed_aside(browser, pages, name):
    widths = "[...document.querySelectorAll('figure img')].map(i => [i.naturalWidth, i.naturalHeight, i.clientWidth])"
    with Opened(browser, pages / f"{name}.html", SIZES["phone"]) as opened:
        for width, height, shown in opened.page.evaluate(widths):
            broad = width > 600 and width > 1.5 * height
            assert shown == 720 if broad else shown <= 390
        pushed = "f => { f.scrollLeft = 1000; return f.scrollLeft; }"
        assert all(figure.evaluate(pushed) > 300 for figure in opened.page.locator("figure.broad").all())


@pytest.mark.parametrize("name", LESSONS)
def test_without_scripts_a_figure_stands_for_each_widget(browser, pages, name):
    with Opened(browser, pages / f"{name}.html", scripts=False) as opened:
        widgets = opened.page.locator(".widget").count()
        assert opened.page.locator("noscript img").count() == widgets > 0


def said(widget):
    return widget.locator(".say").inner_text()


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


def by_drag(page, widget):
    box = widget.locator(".handle").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 20, steps=4)
    page.mouse.up()
    moved = said(widget)
    widget.locator(".handle").last.focus()
    page.keyboard.press("ArrowLeft")
    assert said(widget) != moved  # keys do what the mouse does


def by_slider(page, widget):
    slider = widget.locator("input[type=range]")
    slider.focus()
    before = said(widget)
    page.keyboard.press("ArrowRight")
    if said(widget) == before:  # it stood at its end, as a film does that begins with its last frame
        page.keyboard.press("ArrowLeft")
    once = said(widget)
    assert once != before
    widget.locator("button[aria-label=on]").click()
    assert said(widget) != once
    page.keyboard.press("Tab")
    widget.locator("button[aria-label=back]").click()
    assert said(widget) == once


def by_pointing(page, widget):
    box = widget.locator("svg").first.bounding_box()
    before = said(widget)
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.6)
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5)
    widget.locator("svg").first.focus()
    page.keyboard.press("ArrowRight")
    assert said(widget) != before


def by_drag_and_slider(page, widget):
    by_drag(page, widget)
    by_slider(page, widget)


def by_choice(page, widget):
    widget.locator("button[aria-pressed=false]").last.click()


OPERATE = {
    "drag": by_drag, "scrub": by_slider, "threshold": by_slider, "hover": by_pointing, "rows": by_slider,
    "toggle": by_choice, "choose": by_choice, "cells": by_drag_and_slider,
}  # fmt: skip


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


def test_the_checks_see_what_they_look_for(browser, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<img src='http://127.0.0.1:9/x.png' alt='nothing here'><script>console.error(1); f()</script>")
    with Opened(browser, Path(bad)) as opened:
        opened.page.wait_for_timeout(300)
        assert opened.third_party() == ["http://127.0.0.1:9/x.png"]
        assert len(opened.complaints) >= 2
        assert opened.page.evaluate("[...document.images].some(i => !i.complete || i.naturalWidth < 50)")
