import pytest

from tests.browser import opened


@pytest.fixture(scope="session")
def browser():
    with opened.playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=opened.CHROMIUM, args=opened.OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    return opened.write_page(tmp_path_factory.mktemp("page") / "tiny.html")


@pytest.fixture
def tiny(browser, page_file):
    """The page of the built-in network, which has nothing to complain of and asks for nothing."""
    with opened.Opened(browser, page_file) as page:
        yield page
        assert page.complaints == []
        assert page.leaves() == []


@pytest.fixture
def hostile(browser, tmp_path):
    """The same with class names that are orders to a browser."""
    with opened.Opened(browser, opened.write_page(tmp_path / "hostile <b>.html", opened.HOSTILE)) as page:
        yield page
        assert page.complaints == []
        assert page.leaves() == []
