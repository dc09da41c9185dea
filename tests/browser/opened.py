"""The page of a detector, opened from its file in Chromium, and what its user does with it."""

import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from numpyssd.browser.network import describe
from numpyssd.browser.page import detector_page
from numpyssd.weights import load_model

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: see requirements-lessons.txt"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM:
    pytest.skip("no Chromium here; on Debian: apt install chromium", allow_module_level=True)
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SIZES = {"desktop": (1280, 900), "phone": (390, 800)}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> & '",
    "안전모 <!--",
    "🙂\u202egnp\x1b[31m",
    "half \ud83d",
)
expect = playwright.expect


def launch(browser_type):
    """Return a browser of its own processes."""
    return browser_type.launch(executable_path=CHROMIUM, args=OPTIONS)


def write_page(path: Path, class_names=None, thresholds=None, storage="float32"):
    """Write the page of the built-in network, perhaps with other class names and stored thresholds; return its path.

    storage: of the weights. With float32 the page has those of Python; half precision, which pages have otherwise,
    moves scores by up to 0.006.
    """
    model = load_model("tiny", class_names)
    model.score_thresholds = thresholds
    path.write_text(detector_page(*describe(model, "tiny.npz", storage)), encoding="utf-8")
    return path


class Opened:
    """A page and all that it asked for or complained of."""

    def __init__(self, browser, path, size=SIZES["desktop"], script=None, **options):
        """script: what runs before the page's own; options: those of a context of Playwright."""
        self.path, self.size = path, size
        viewport = {"width": size[0], "height": size[1]}
        self.context = browser.new_context(viewport=viewport, **options)
        if script:
            self.context.add_init_script(script)
        self.page, self.requests, self.complaints = self.context.new_page(), [], []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.goto(path.as_uri())

    def load(self):
        """Load the page again, in a window as it was at first."""
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        self.page.emulate_media(color_scheme="light")
        self.page.mouse.move(0, 0)
        self.page.goto(self.path.as_uri())
        self.requests.clear()
        self.complaints.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def at(self, selector):
        """Return the locator of an element."""
        return self.page.locator(selector)

    def leaves(self):
        """Return the addresses of requests that leave the page: neither its file, nor in it."""
        return [url for url in self.requests if not url.startswith(("file://", "data:", "blob:null/"))]

    def give(self, *paths):
        """Give files to the page and wait until all is computed."""
        self.page.set_input_files("#files", list(map(str, paths)))
        self.wait()

    def wait(self):
        """Wait until nothing is computed any more."""
        expect(
            self.at(
                "#strip .count",
            ).filter(has_text="waiting")
        ).to_have_count(0, timeout=120000)
        expect(self.at("#explainer")).to_be_visible(timeout=30000)

    def status(self):
        """Return the sentence about the chosen photograph."""
        return self.at("#status").inner_text()

    def sentences(self):
        """Return the sentences about files that could not be read."""
        return self.at("#messages li").all_inner_texts()

    def set_threshold(self, percent):
        """Move the slider by keys to so many hundredths, from its nearer end."""
        self.at("#slider").focus()
        end, key, steps = ("Home", "ArrowRight", percent - 1) if percent < 50 else ("End", "ArrowLeft", 99 - percent)
        self.page.keyboard.press(end)
        for _ in range(steps):
            self.page.keyboard.press(key)

    def save(self, kind, every=True):
        """Save the results as a format; return the name of the file and its content."""
        self.at("#format").select_option(kind)
        button = "#saving .all" if every and self.at("#saving .all").is_visible() else "#saving .one"
        with self.page.expect_download() as download:
            self.at(button).click()
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def lines(self, percent=None):
        """Return what the page saves as JSON for each photograph, as dictionaries."""
        if percent is not None:
            self.set_threshold(percent)
        return [json.loads(line) for line in self.save("json")[1].decode().splitlines()]


def unzipped(content):
    """Return {name: bytes} of a ZIP, whose checksums are right."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
