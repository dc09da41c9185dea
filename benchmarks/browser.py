"""How fast the network of a page is, in Node and in Chromium, beside numpyssd's own kernels on one thread.

    python -m benchmarks.browser [--weights data/bccd.npz tiny] [--rounds 15]
    python -m benchmarks.browser --weights data/bccd.npz --accuracy data/bccd

It prints the median of all rounds, and the least, which a busy machine changes less: of the network alone, and of a
photograph of 640 x 480 from its pixels to its detections. A multiply-add of ``numpyssd.model.summary`` counts as two
FLOP. With --accuracy it prints instead the mAP on BCCD's test split by each way to store the weights, and how large
they are.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import numpy as np

from numpyssd import kernels
from numpyssd.browser.network import describe
from numpyssd.browser.packing import to_base64, unpack
from numpyssd.cli import command
from numpyssd.datasets.voc import VOCDataset
from numpyssd.inference.evaluate import evaluate
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import summary
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).with_suffix(".mjs")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STORAGES = ("float32", "float16", "int8")
MARK = "measured:"
# No await: Chromium prints a page once all its modules have run.
PAGE = """<!doctype html><meta charset="utf-8"><body><script type="application/json">JOB</script><script type="module">
import { measure } from "/benchmarks/browser.mjs";
const found = measure(JSON.parse(document.querySelector("script").textContent));
document.body.textContent = "MARK" + JSON.stringify(found) + "MARK";
</script>""".replace("MARK", MARK)


def in_node(job):
    """Return what browser.mjs measures in Node, or None without it."""
    program = shutil.which("node")
    if not program:
        return None
    text = f'import {{ measure }} from "{SCRIPT.as_uri()}"; import fs from "node:fs"; '
    text += "console.log(JSON.stringify(measure(JSON.parse(fs.readFileSync(0)))));"
    done = subprocess.run(
        [program, "--input-type=module", "-e", text], input=json.dumps(job), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


class Handler(SimpleHTTPRequestHandler):
    """Serves the repository, and one page beside it."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".js": "text/javascript"}

    def __init__(self, *arguments, page, **options):
        self.page = page
        super().__init__(*arguments, directory=ROOT, **options)

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        """Answer with the page or with a file."""
        if self.path != "/page.html":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page.encode())


def chromium():
    """Return the path of Chromium, or None without it."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def in_chromium(job):
    """Return what browser.mjs measures in headless Chromium, or None without it."""
    program = chromium()
    if not program:
        return None
    page = PAGE.replace("JOB", json.dumps(job).replace("<", "\\u003c"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, page=page))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        order = [program, "--headless", *LAUNCH, "--timeout=120000", f"--user-data-dir={folder}", "--dump-dom"]
        address = f"http://127.0.0.1:{server.server_port}/page.html"
        done = subprocess.run([*order, address], capture_output=True, text=True, timeout=300)
    server.shutdown()
    if MARK not in done.stdout:
        raise RuntimeError(f"Chromium measured nothing: {done.stderr[-500:]}")
    return json.loads(done.stdout.split(MARK)[1])


def in_python(model, rounds):
    """Return the milliseconds of each forward pass by numpyssd's own kernels on one thread."""
    kernels.use("cpu").set_threads(1)
    x = np.zeros((1, model.config.image_size, model.config.image_size, 3), np.float32)
    model.infer(x)

    def once():
        start = time.perf_counter()
        model.infer(x)
        return 1000 * (time.perf_counter() - start)

    return [once() for _ in range(rounds)]


def speed(model, rounds):
    """Print how fast a model is everywhere."""
    description, content = describe(model, "weights.npz")
    job = {"model": description, "weights": to_base64(content), "rounds": rounds}
    gflop = 2e-9 * sum(row.multiply_adds for row in summary(model.config))
    print(f"{model.config.name}: {gflop:.3f} GFLOP, {len(job['weights']) / 1e6:.2f} MB of base64")
    ours = in_python(model, rounds)
    print(f"  numpyssd, cpu, 1 thread: {numbers(ours, gflop)}")
    for place, found in (("Node", in_node(job)), ("Chromium", in_chromium(job))):
        if found is None:
            print(f"  {place} is not here")
            continue
        print(f"  {place}{', SIMD' if found['simd'] else ', no SIMD'}: {numbers(found['network'], gflop)}")
        print(f"    {median(found['network']) / median(ours):.1f} times as long as numpyssd")
        print(f"    without WebAssembly: {numbers(found['plain'], gflop)}")
        print(f"    a photograph: {numbers(found['photograph'])}; the first one {found['first']:.0f} ms")
        print(f"    loading {found['load']:.0f} ms, memory of the network {found['memory'] / 1e6:.1f} MB")


def numbers(milliseconds, gflop=None):
    """Return a median, the least, and perhaps the rate, in words."""
    middle = median(milliseconds)
    rate = f", {1000 * gflop / middle:.1f} GFLOP/s" if gflop else ""
    return f"{middle:.1f} ms (least {min(milliseconds):.1f}){rate}"


def accuracy(model, data):
    """Print the mAP on a test split by each way to store the weights, and how many bytes that takes in a page."""
    dataset = VOCDataset(data, "test")
    whole = evaluate(SSDDetector(model), dataset).mean
    print(f"{model.config.name}, mAP (VOC, IoU 0.5) on {len(dataset)} images: {whole:.4f}")
    for storage in STORAGES:
        stored, size = as_stored(model, storage)
        mean = evaluate(SSDDetector(stored), dataset).mean
        print(f"  {storage}: {mean:.4f} ({mean - whole:+.4f}), {size / 1e6:.2f} MB of base64")


def as_stored(model, storage):
    """Return a model with the weights that a page has, normalization folded, and the bytes of their base64."""
    description, content = describe(model, "weights.npz", storage)
    stored = SSD(replace(model.config, batch_norm=False))
    stored.class_names, stored.score_thresholds = model.class_names, model.score_thresholds
    arrays = unpack(description["tensors"], content)
    for name, parameter in stored.parameters().items():
        parameter.value[...] = arrays[name]
    return stored, len(to_base64(content))


def main(argv=None):
    """Measure, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", nargs="+", default=["data/bccd.npz", "tiny"], metavar="FILE")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--accuracy", metavar="BCCD", help="a folder in VOC layout, instead of the speed")
    options = parser.parse_args(argv)
    for path in options.weights:
        model = load_model(path)
        if options.accuracy:
            accuracy(model, options.accuracy)
        else:
            speed(model, options.rounds)


if __name__ == "__main__":
    command.run(main)
