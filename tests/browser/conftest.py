import contextlib

import pytest

from tests.browser import opened


@pytest.fixture(scope="session")
def browser():
    with opened.playwright.sync_playwright() as driver:
        chromium = opened.launch(driver.chromium)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    return opened.write_page(tmp_path_factory.mktemp("page") / "tiny.html")


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory):
    return opened.write_page(tmp_path_factory.mktemp("hostile") / "hostile <b>.html", opened.HOSTILE)


# A window takes a second to open and a page in it a fifth of one: tests share windows and load their page anew.


@pytest.fixture(scope="session")
def windows(browser):
    """Return a function from a file and the options of Opened to a window with that file, loaded anew."""
    with contextlib.ExitStack() as stack:
        kept = {}

        def window(path, **options):
            key = (path, *sorted(options.items()))
            if key in kept:
                kept[key].load()
            else:
                kept[key] = stack.enter_context(opened.Opened(browser, path, **options))
            return kept[key]

        yield window


def without_complaints(page):
    """Yield a page, which has nothing to complain of and asks for nothing until the test ends."""
    yield page
    assert page.complaints == []
    assert page.leaves() == []


@pytest.fixture
def tiny(windows, page_file):
    """The page of the built-in network."""
    yield from without_complaints(windows(page_file))


@pytest.fixture
def phone(windows, page_file):
    """The same on a phone."""
    size = opened.SIZES["phone"]
    yield from without_complaints(windows(page_file, size=size, has_touch=True, is_mobile=True))


@pytest.fixture
def hostile(windows, hostile_file):
    """The same with class names that are orders to a browser."""
    yield from without_complaints(windows(hostile_file))
