"""The playground of the course: a page on which the reader draws, a network detects at every stroke, and shows how.

    python -m numpyssd.browser.playground --out playground.html

The lessons' site has it beside its pages (make site). Its networks are TINY and, where there is one, a detector of
blood cells.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from numpyssd.browser.network import describe
from numpyssd.browser.packing import to_base64
from numpyssd.browser.page import HTML, JS, embedded_json, fill, scripts_of, style_of
from numpyssd.console import make_output_safe
from numpyssd.errors import InputError
from numpyssd.files import write_output
from numpyssd.weights import load_model

STYLES = ("page.css", "explainer.css", "playground.css")


def playground_page(
    weights: Sequence[str | Path] = ("tiny",), samples: Sequence[Path] = (), beside_lessons=False
) -> str:
    """Return the page as HTML.

    - weights: files, or "tiny"; the reader chooses among their networks, the first one to begin with;
    - samples: PNG files to begin from;
    - beside_lessons: whether the pages of the lessons stand in the same folder, so that links lead to them.
    """
    described = [describe(load_model(one), one) for one in weights]
    images = [{"name": path.stem, "data": _data_address(path)} for path in samples]
    return fill(
        (HTML / "playground.html").read_text(encoding="utf-8"),
        style=style_of(STYLES),
        scripts=scripts_of(JS / "playground" / "main.js", "startPlayground();\n"),
        data={
            "MODELS": embedded_json([description for description, _ in described]),
            "WEIGHTS": embedded_json([to_base64(content) for _, content in described]),
            "SAMPLES": embedded_json(images),
            "LESSONS": embedded_json(beside_lessons),
            "HOME": '<a href="index.html">numpyssd · lessons</a>' if beside_lessons else "",
        },
    )


def _data_address(path):
    return "data:image/png;base64," + to_base64(path.read_bytes())


def main(argv=None):
    """Write the page; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m numpyssd.browser.playground",
        description="Write the playground: a page to draw on, where a network detects at every stroke.",
        epilog="example: python -m numpyssd.browser.playground --out playground.html",
    )
    parser.add_argument("--out", metavar="FILE", default="playground.html", help="the page (default: %(default)s)")
    parser.add_argument("--weights", metavar="FILE", nargs="+", default=["tiny"], help="the networks (default: tiny)")
    make_output_safe()
    options = parser.parse_args(argv)
    try:
        if any(os.path.realpath(options.out) == os.path.realpath(path) for path in options.weights):
            raise InputError(f"--out {options.out} would replace the weights; give it another name")
        write_output(options.out, playground_page(options.weights).encode(), "playground.html")
    except InputError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 2
    print(f"page written to {options.out}; open it in a browser")
    return 0


if __name__ == "__main__":
    sys.exit(main())
