"""Every page in a browser, from its file: no request, no error, nothing raw, nothing blank, and each widget works.

Skipped, in words, where there is no Chromium or Playwright. Run by make check-lessons.
"""

import re
from pathlib import Path

import pytest

from lessons.course import percent
from tests.lessons.opened import LESSONS, OTHERS, SIZES, Opened, playwright
from tests.lessons.operate import by_slider

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


def test_the_first_page_shows_a_figure_of_each_lesson_in_less_than_a_megabyte(browser, pages):
    assert (pages / "index.html").stat().st_size < 1_000_000
    with Opened(browser, pages / "index.html") as opened:
        assert opened.page.locator(".cards .thumbnail img").count() == len(LESSONS)
        assert opened.page.locator(".cards a[download]").count() == len(LESSONS)
        assert opened.page.locator(".hero .widget").count() == 1
        by_slider(opened.page, opened.page.locator(".hero .widget"))
        opened.page.locator(".cards li").nth(3).click(position={"x": 20, "y": 20})  # on its figure
        assert opened.page.url.endswith(f"{LESSONS[3]}.html")


def test_code_that_only_draws_is_folded_and_opens(browser, pages):
    with Opened(browser, pages / "01_boxes_and_iou.html") as opened:
        folded = opened.page.locator("details.code", has_text="The code of this figure").first
        assert folded.locator("+ figure").count() == 1  # the figure comes right after it
        assert not folded.locator("pre").is_visible()
        folded.locator("summary").click()
        assert "show(" in folded.locator("pre").inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_says_how_to_run_it_and_gives_the_notebook(pages, name):
    text = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert f'<a href="{name}.ipynb" download>' in text
    assert f"<code>python lessons/{name}.py</code>" in text
    assert (pages / f"{name}.ipynb").read_bytes() == (percent.LESSONS / f"{name}.ipynb").read_bytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_strip_marks_where_the_reader_is(browser, pages, size, scheme):
    with Opened(browser, pages / "14_nms_and_decoding.html", SIZES[size], scheme) as opened:
        strip = opened.page.locator(".strip")
        assert strip.locator("[aria-current=step]").all_inner_texts() == ["decoding", "NMS"]
        rows = [box["y"] for box in (row.bounding_box() for row in strip.locator("p").all())]
        assert rows == sorted(set(rows))  # one branch below the other
        assert strip.evaluate("strip => strip.scrollWidth <= strip.clientWidth")


def test_the_checks_see_what_they_look_for(browser, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text("<img src='http://127.0.0.1:9/x.png' alt='nothing here'><script>console.error(1); f()</script>")
    with Opened(browser, Path(bad)) as opened:
        opened.page.wait_for_timeout(300)
        assert opened.third_party() == ["http://127.0.0.1:9/x.png"]
        assert len(opened.complaints) >= 2
        assert opened.page.evaluate("[...document.images].some(i => !i.complete || i.naturalWidth < 50)")
