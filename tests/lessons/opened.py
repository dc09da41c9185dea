"""A page of the lessons' site in Chromium, and all that it asked for or complained of.

Whoever imports this is skipped, in words, where there is no Chromium or Playwright.
"""

import shutil

import pytest

from lessons.course import percent

pytest.importorskip("markdown_it", reason="markdown-it-py is not installed: see requirements-lessons.txt")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: see requirements-lessons.txt"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM:
    pytest.skip("no Chromium here; on Debian: apt install chromium", allow_module_level=True)

LESSONS = [path.stem for path in percent.lessons()]
OTHERS = sorted(path.stem for path in percent.LESSONS.glob("[a-z]*.md"))  # the playground is one of them
SIZES = {"desktop": (1280, 900), "phone": (390, 800)}


class Opened:
    """A page and all that it asked for or complained of."""

    def __init__(self, browser, path, size=(1200, 900), scheme="light", scripts=True):
        viewport = {"width": size[0], "height": size[1]}
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=scripts)
        self.page, self.requests, self.complaints = self.context.new_page(), [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def third_party(self):
        return [url for url in self.requests if not url.startswith(("file://", "data:"))]
