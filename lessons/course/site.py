"""All lessons as pages that open with a double click and ask no network for anything.

    python -m lessons.course.site --out site

Reads the notebooks that lessons.course.notebook wrote; nothing is run. Needs what is in requirements-lessons.txt.
"""

import json
import re
from pathlib import Path

from numpyssd.browser.playground import playground_page
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from lessons.course.front_page import front_page, lesson_of
from lessons.course.in_page.bundle import bundle
from lessons.course.in_page.runtime import PLACE, runtime
from lessons.course.lesson_page import lesson_page
from lessons.course.markup import anchor, markdown
from lessons.course.page import page, title_of, top
from lessons.course.percent import LESSONS
from numpyssd.cli import command

DATA = LESSONS.parent / "data"
SAMPLES = sorted((DATA / "samples" / "JPEGImages").glob("*.png"))
NETWORKS = ["tiny", DATA / "bccd.npz"]


def build(out, lessons_dir=LESSONS, python_dir=PLACE):
    """Write index.html, and a page and the file of each notebook, into the folder ``out``, and return their paths.

    python_dir: the folder with the files of Pyodide; without it, the exercises cannot be run in the pages.
    """
    notebooks = sorted(Path(lessons_dir).glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise InputError(f"{lessons_dir} holds no notebooks; write them with: make lessons")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in notebooks}
    course = [lesson_of(name, json.loads(text)) for name, text in texts.items()]
    python = runtime(python_dir)
    others = sorted(Path(lessons_dir).glob("[a-z]*.md"))  # pages that lessons refer to
    pages = {"index.html": front_page(course, others)}
    for number, (name, text) in enumerate(texts.items()):
        pages |= {f"{name}.html": lesson_page(course, number, python is not None), f"{name}.ipynb": text}
    for path in others:
        pages[f"{path.stem}.html"] = plain_page(path.read_text(encoding="utf-8"), path.stem)
    pages["playground.html"] = playground_page(NETWORKS, SAMPLES, beside_lessons=True)  # in place of playground.md
    for path in sorted((Path(lessons_dir) / "own_ssd").glob("*.py")):  # to download, from lesson 16
        pages[f"own_ssd/{path.name}"] = path.read_text(encoding="utf-8")
    if python is not None:
        pages["python.js"] = bundle(python)
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (out / name).parent.mkdir(exist_ok=True)
            with written_whole(out / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
    except OSError as reason:
        raise write_error(out, reason, "choose another place with --out") from None
    return [out / name for name in pages]


def plain_page(text, name):
    """Return a page of prose, each heading with the anchor that a code host would give it."""
    html = re.sub(r"<h([2-4])>(.+?)</h\1>", lambda m: f'<h{m[1]} id="{anchor(m[2])}">{m[2]}</h{m[1]}>', markdown(text))
    return page(title_of(text), f"{top()}<main>{html}</main>", name)


def main(argv=None):
    """Write the site."""
    parser = command.parser("learn.site", "Write the lessons as pages.", ["python -m lessons.course.site --out site"])
    parser.add_argument("--out", metavar="DIR", default="site", help="the folder to write into (default: %(default)s)")
    paths = build(parser.parse_args(argv).out)
    size = sum(path.stat().st_size for path in paths) / 1e6
    pages = sum(path.suffix == ".html" for path in paths)
    print(f"{pages} pages ({size:.1f} MB with the notebooks); open {paths[0]}")


if __name__ == "__main__":
    command.run(main)
