"""Draw data/pictures/page.png: the page of a detector with a photograph, and how one of its boxes came about.

    .venv-lessons/bin/python -m benchmarks.page_picture data/bccd/JPEGImages/BloodImage_00015.jpg

Needs Chromium and what is in requirements-lessons.txt.
"""

import argparse
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from benchmarks.browser_map import launch
from numpyssd.browser.network import describe
from numpyssd.browser.page import detector_page
from numpyssd.cli import command
from numpyssd.weights import load_model

WIDTH, HEIGHT = 1280, 5000  # of the window
COLORS = 128  # of the image: a quarter of the bytes


def main(argv=None):
    """Write the page, give it the photograph, choose a box, and keep what there is to see."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photograph", type=Path)
    parser.add_argument("--weights", default="data/bccd.npz")
    parser.add_argument("--box", type=int, default=0, help="of the shown ones, best first")
    parser.add_argument("--height", type=int, default=1700, help="pixels of the explainer that are kept")
    parser.add_argument("--out", type=Path, default=Path("data/pictures/page.png"))
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page = Path(folder, "detector.html")
        page.write_text(detector_page(*describe(load_model(options.weights), options.weights)), encoding="utf-8")
        browser = launch(driver)
        opened = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        opened.goto(page.as_uri())
        opened.set_input_files("#files", str(options.photograph.resolve()))
        expect(opened.locator("#explainer")).to_be_visible(timeout=60000)
        opened.locator("#found button").nth(options.box).click()
        opened.wait_for_timeout(3000)  # until the stages in sight are drawn
        opened.evaluate("scrollTo(0, 0)")
        top = opened.locator("#explainer").bounding_box()["y"]
        shown = {"x": 0, "y": top, "width": WIDTH, "height": options.height}
        opened.screenshot(path=options.out, clip=shown)
        browser.close()
    with Image.open(options.out) as image:
        small = image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(options.out, optimize=True)
    print(f"{options.out}: {options.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    command.run(main)
