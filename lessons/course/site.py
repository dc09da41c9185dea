"""All lessons as pages that open with a double click and ask no network for anything.

    python -m lessons.course.site --out site

Reads the notebooks that lessons.course.notebook wrote; nothing is run. Needs what is in requirements-lessons.txt.
"""

import json
import re
from html import escape
from pathlib import Path

from numpyssd.browser.playground import playground_page
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from lessons.course.lesson_page import lesson_page
from lessons.course.markup import anchor, markdown
from lessons.course.page import page, title_of, top
from lessons.course.percent import LESSONS
from numpyssd.cli import command

DATA = LESSONS.parent / "data"
SAMPLES = sorted((DATA / "samples" / "JPEGImages").glob("*.png"))
NETWORKS = ["tiny", DATA / "bccd.npz"]


def build(out, lessons_dir=LESSONS):
    """Write index.html and a page for each notebook into the folder ``out``, and return their paths."""
    notebooks = sorted(Path(lessons_dir).glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise InputError(f"{lessons_dir} holds no notebooks; write them with: make lessons")
    read = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in notebooks]
    course = [(name, *title_and_goal(notebook)) for name, notebook in read]
    others = sorted(Path(lessons_dir).glob("[a-z]*.md"))  # pages that lessons refer to
    pages = {"index.html": front_page(course, others)}
    for number, (name, notebook) in enumerate(read):
        pages[f"{name}.html"] = lesson_page(notebook, course, number)
    for path in others:
        pages[f"{path.stem}.html"] = plain_page(path.read_text(encoding="utf-8"), path.stem)
    pages["playground.html"] = playground_page(NETWORKS, SAMPLES, beside_lessons=True)  # in place of playground.md
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            with written_whole(out / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
    except OSError as reason:
        raise write_error(out, reason, "choose another place with --out") from None
    return [out / name for name in pages]


def plain_page(text, name):
    """Return a page of prose, each heading with the anchor that a code host would give it."""
    html = re.sub(r"<h([2-4])>(.+?)</h\1>", lambda m: f'<h{m[1]} id="{anchor(m[2])}">{m[2]}</h{m[1]}>', markdown(text))
    return page(title_of(text), f"{top()}<main>{html}</main>", name)


def title_and_goal(notebook):
    """Return the heading of a lesson and the sentence after "Goal", as Markdown."""
    text = "".join(notebook["cells"][0]["source"])
    goal = re.search(r"\*\*Goal\.\*\*\s*(.+?)(?:\n\n|\Z)", text, re.DOTALL)
    return title_of(text), " ".join(goal[1].split()) if goal else ""


def front_page(course, others=()):
    """Return the page that lists the lessons, and the other pages."""
    cards = "".join(
        f'<li><a href="{name}.html"><b>{escape(title)}</b></a>{markdown(goal)}</li>' for name, title, goal in course
    )
    words = (
        "<h1>Object detection, step by step</h1>"
        "<p>Each lesson builds one part of a detector, SSD, from loops that you can read to the code that runs fast. "
        "You need NumPy and some patience; no deep learning. The figures move where there is something to try, and "
        "the exercises tell you what went wrong.</p>"
        '<p>Or begin by playing: <a href="playground.html">draw something, and watch the detector find it</a>.</p>'
        "<p>To try the code, open the notebook of the same name in <code>lessons/</code>, or run it in a terminal: "
        "<code>python lessons/01_boxes_and_iou.py</code>.</p>"
    )
    links = "".join(
        f'<li><a href="{path.stem}.html">{escape(title_of(path.read_text(encoding="utf-8")))}</a></li>'
        for path in others
    )
    more = f"<h2>To look up</h2><ul>{links}</ul>" if links else ""
    body = f'{top()}<main>{words}<ol class="cards">{cards}</ol>{more}</main>'
    return page("Object detection, step by step", body, "front")


def main(argv=None):
    """Write the site."""
    parser = command.parser("learn.site", "Write the lessons as pages.", ["python -m lessons.course.site --out site"])
    parser.add_argument("--out", metavar="DIR", default="site", help="the folder to write into (default: %(default)s)")
    paths = build(parser.parse_args(argv).out)
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} pages ({size:.1f} MB); open {paths[0]}")


if __name__ == "__main__":
    command.run(main)
