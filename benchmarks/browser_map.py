"""Measure the page of a detector: its mAP from its own output in Chromium, beside Python's, and how fast it is.

    .venv-lessons/bin/python -m benchmarks.browser_map --weights data/bccd.npz --data data/bccd

The page is written, opened from its file, and given every photograph of the split; what it saves as JSON at the lowest
threshold is measured as ``evaluate`` measures the detections of Python. Exit code 1 if the two differ by more than
0.003. The seconds are those that the page tells of each photograph. Needs Chromium and what is in
requirements-lessons.txt.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.browser import LAUNCH, chromium
from benchmarks.machine import describe as describe_machine
from numpyssd.browser.network import describe
from numpyssd.browser.page import detector_page
from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.evaluate import detect_all
from numpyssd.run.evaluation_data import load_measured
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model

BOUND = 0.003  # of mAP
OPENINGS = 5  # of the page, of which the median is told
AT_ONCE = 24  # photographs that the page is given at once
# As soon as a photograph is chosen, the status line tells what it took when it was computed first.
SECONDS = """() => [...document.querySelectorAll("#strip button")].map((button) => {
  button.click();
  return Number(/Computed in ([0-9.]+) s[.]$/.exec(document.getElementById("status").textContent)[1]);
})"""


def main(argv=None):
    """Measure both, print a line for each, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", default="data/bccd.npz")
    parser.add_argument("--data", required=True, help="in a layout that evaluate reads")
    parser.add_argument("--split", default="test")
    parser.add_argument("--storage", default="float16", choices=["float16", "int8", "float32"], help="of the weights")
    options = parser.parse_args(argv)
    model = load_model(options.weights)
    dataset = load_measured(options.data, options.split, options.weights, model.class_names, "skip").dataset
    ours, ground_truth = detect_all(SSDDetector(model), dataset)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "detector.html")
        page.write_text(detector_page(*describe(model, options.weights, options.storage)), encoding="utf-8")
        paths = [dataset.image_path(i) for i in range(len(dataset))]
        lines, seconds, opened_in = detections_of(page, paths)
        size = page.stat().st_size / 1e6
    theirs = [as_arrays(line, model.class_names) for line in lines]
    measured = {
        name: average_precision(found, ground_truth, "voc", 0.5, class_names=dataset.class_names)
        for name, found in (("Python", ours), ("page", theirs))
    }
    print(f"{len(paths)} photographs of {options.split}, on {describe_machine()['processor']}")
    for name, result in measured.items():
        each = ", ".join(f"{label} {value:.4f}" for label, value in result.per_class.items())
        print(f"{name:>7}: mAP {result.mean:.4f} ({each})")
    difference = measured["page"].mean - measured["Python"].mean
    print(
        f"   page: {size:.2f} MB ({options.storage}), opens in {opened_in:.2f} s (median of {OPENINGS}), "
        f"{statistics.median(seconds):.2f} s a photograph (median of {len(seconds)})"
    )
    print(f"difference of mAP: {difference:+.5f} (at most {BOUND})")
    return int(abs(difference) > BOUND)


def launch(driver):
    """Return Chromium, started by Playwright. Raises InputError if there is none."""
    program = chromium()
    if not program:
        raise InputError("there is no Chromium here; on Debian: apt install chromium")
    return driver.chromium.launch(executable_path=program, args=LAUNCH)


def detections_of(page, paths):
    """Return what a page saves as JSON for each photograph, its seconds for each, and the median of those to open."""
    from playwright.sync_api import expect, sync_playwright

    lines, seconds = [], []
    with sync_playwright() as driver:
        browser = launch(driver)
        opened_in = statistics.median(seconds_to_open(browser, page) for _ in range(OPENINGS))
        opened = browser.new_page()
        opened.goto(page.as_uri())
        for first in range(0, len(paths), AT_ONCE):
            group = [str(path) for path in paths[first : first + AT_ONCE]]
            opened.set_input_files("#files", group)
            waiting = opened.locator("#strip .count").filter(has_text="waiting")
            expect(opened.locator("#strip .count")).to_have_count(len(group))
            expect(waiting).to_have_count(0, timeout=600000)
            expect(opened.locator("#status")).to_contain_text(" s.")
            opened.locator("#slider").press("Home")
            with opened.expect_download() as download:
                opened.locator("#saving .all" if len(group) > 1 else "#saving .one").click()
            lines += map(json.loads, Path(download.value.path()).read_text(encoding="utf-8").splitlines())
            seconds += opened.evaluate(SECONDS)
            opened.locator("#remove").click()
        browser.close()
    return lines, seconds, opened_in


def seconds_to_open(browser, page):
    """Return the seconds from asking for a page in a new window until all of it has run."""
    opened = browser.new_page()
    start = time.perf_counter()
    opened.goto(page.as_uri())
    seconds = time.perf_counter() - start
    opened.close()
    return seconds


def as_arrays(line, class_names):
    """Return the detections in a line of JSON as boxes (D, 4), labels (D,) and scores (D,)."""
    found = line["detections"]
    boxes = np.array([one["box"] for one in found], np.float64).reshape(-1, 4)
    labels = np.array([1 + class_names.index(one["label"]) for one in found], np.int64)
    return boxes, labels, np.array([one["score"] for one in found], np.float64)


if __name__ == "__main__":
    command.run(main)
