"""Every page can be read by all, as far as axe-core can tell: contrast, names, keys (WCAG 2.2, levels A and AA)."""

from pathlib import Path

import pytest

from tests.lessons.opened import LESSONS, OTHERS, SIZES, Opened, playwright

axe = pytest.importorskip(
    "axe_playwright_python", reason="axe-playwright-python is not installed: see requirements-lessons.txt"
)
AXE = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_COLORS = ["color-contrast", "link-in-text-block"]  # the rules of which a page that is dark may break others
OF_SIZE = ["target-size", "scrollable-region-focusable"]  # and a page on a phone; names and colors are the same there


def violations(page, rules):
    """Return a line for each element at fault, with the rule and what is wrong."""
    found = page.evaluate(f"axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})")["violations"]
    return [
        f"{rule['id']}: {node['html'][:150]} {' '.join(node['failureSummary'].split())}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", ["index", *LESSONS, *OTHERS])
def test_a_page_can_be_read_in_light_and_dark_and_on_a_phone(browser, pages, name):
    with Opened(browser, pages / f"{name}.html", SIZES["desktop"]) as opened:
        page = opened.page
        if name == "playground":  # all that it computes is to be there
            playwright.expect(page.locator("#status")).to_contain_text("Found 3", timeout=60_000)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        page.evaluate(AXE)
        assert violations(page, RULES) == []
        page.emulate_media(color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 23)"
        assert violations(page, OF_COLORS) == []
        width, height = SIZES["phone"]
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page, OF_SIZE) == []


def test_the_check_sees_what_it_looks_for(browser, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<html lang='en'><title>t</title><p style='color:#E69F00;background:#fff'>orange</p><button></button>"
    )
    with Opened(browser, bad) as opened:
        opened.page.evaluate(AXE)
        found = violations(opened.page, RULES)
    assert [line.split(":")[0] for line in found] == ["button-name", "color-contrast"]
    assert "contrast of 2.25" in found[1]
