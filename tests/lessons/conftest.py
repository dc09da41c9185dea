import pytest


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder of the site."""
    from lessons.course import site

    out = tmp_path_factory.mktemp("site")
    site.build(out)
    return out


@pytest.fixture(scope="session")
def browser():
    from tests.lessons.opened import CHROMIUM, playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()
