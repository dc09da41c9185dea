"""All lessons as pages that open with a double click and ask no network for anything.

    python -m lessons.course.site --out site

Reads the notebooks that lessons.course.notebook wrote; nothing is run. Needs what is in requirements-lessons.txt.
"""

import base64
import json
import os
import re
import struct
from html import escape, unescape
from pathlib import Path

from numpyssd.errors import InputError
from lessons.course.markup import anchor, code_block, code_colors, markdown
from lessons.course.notebook import LESSONS
from numpyssd.cli import command

STYLE = Path(__file__).parent / "js" / "page.css"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


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
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            temporary = out / f"{name}.tmp"
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, out / name)
    except OSError as reason:
        raise InputError(f"{out} cannot be written ({reason.strerror}); choose another place with --out") from None
    return [out / name for name in pages]


def plain_page(text, name):
    """Return a page of prose, each heading with the anchor that a code host would give it."""
    html = re.sub(r"<h([2-4])>(.+?)</h\1>", lambda m: f'<h{m[1]} id="{anchor(m[2])}">{m[2]}</h{m[1]}>', markdown(text))
    return page(_title(text), f"{_top()}<main>{html}</main>", name)


def _title(text):
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1]


def title_and_goal(notebook):
    """Return the heading of a lesson and the sentence after "Goal", as Markdown."""
    text = "".join(notebook["cells"][0]["source"])
    goal = re.search(r"\*\*Goal\.\*\*\s*(.+?)(?:\n\n|\Z)", text, re.DOTALL)
    return _title(text), " ".join(goal[1].split()) if goal else ""


def lesson_page(notebook, course, number):
    """Return a lesson as a page."""
    name, title, _ = course[number]
    body, contents = [], []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            html = markdown(source)
            html = re.sub(r"<h2>(.+?)</h2>", lambda match: _section(match[1], contents), html)
            body.append(html)
            continue
        code = code_block(source)
        if "setup" in cell["metadata"].get("tags", ()):
            code = f"<details><summary>What this lesson imports</summary>{code}</details>"
        body.append(code)
        body += [output_html(output) for output in cell["outputs"]]
    links = "".join(f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in contents)
    menu = f'<details class="menu"><summary>In this lesson</summary><ol>{links}</ol></details>'
    side = f'<nav class="side" aria-label="In this lesson"><p>In this lesson</p><ol>{links}</ol></nav>'
    return page(title, f"{_top()}{side}<main>{menu}{''.join(body)}{_next(course, number)}</main>", name)


def _section(words, contents):
    name = anchor(words)
    contents.append((name, re.sub(r"<svg.*?</svg>", "", words)))
    return f'<h2 id="{name}">{words}</h2>'


def _top():
    return '<header><a href="index.html">numpyssd · lessons</a></header>'


def _next(course, number):
    links = []
    for step, words, place in ((-1, "← before", "before"), (1, "next →", "after")):
        if 0 <= number + step < len(course):
            name, title, _ = course[number + step]
            links.append(f'<a class="{place}" href="{name}.html"><small>{words}</small>{escape(title)}</a>')
    return f'<nav class="turn" aria-label="Other lessons">{"".join(links)}</nav>'


def output_html(output):
    """Return one output of a cell: printed words, a picture, a widget, or code of the library."""
    if output["output_type"] == "stream":
        return f'<pre class="printed">{escape("".join(output["text"]))}</pre>'
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    if "image/png" in data:
        # A string of digits may be broken over lines; the page wants it whole.
        content = base64.b64decode(data["image/png"])
        address = base64.b64encode(content).decode("ascii")
        image = f'<img alt="{escape(data["text/plain"])}" src="data:image/png;base64,{address}">'
        picture = f'<figure class="broad">{image}</figure>' if _is_broad(content) else f"<figure>{image}</figure>"
        return f"<noscript>{picture}</noscript>" if output["metadata"].get("numpyssd") == "still" else picture
    if output["metadata"].get("numpyssd") == "answer":
        return re.sub(r"<pre>(.*)</pre>", _answer, data["text/html"], flags=re.DOTALL)
    if "text/markdown" in data:
        return f'<div class="library">{markdown(data["text/markdown"])}</div>'
    return data.get("text/html") or f'<pre class="printed">{escape(data["text/plain"])}</pre>'


def _is_broad(png):
    """Return whether the words in a PNG are too small on a phone, where it is then pushed aside with a finger."""
    width, height = struct.unpack(">II", png[16:24])  # after the signature, and the length and name of the head
    return width > 600 and width > 1.5 * height


def _answer(match):
    return code_block(unescape(match[1]))


def front_page(course, others=()):
    """Return the page that lists the lessons, and the other pages."""
    cards = "".join(
        f'<li><a href="{name}.html"><b>{escape(title)}</b></a>{markdown(goal)}</li>' for name, title, goal in course
    )
    words = (
        "<h1>Object detection, step by step</h1>"
        "<p>Each lesson builds one part of a detector, SSD, from loops that you can read to the code that runs fast. "
        "You need NumPy and some patience; no deep learning. The pictures move where there is something to try, and "
        "the exercises tell you what went wrong.</p>"
        "<p>To try the code, open the notebook of the same name in <code>lessons/</code>, or run it in a terminal: "
        "<code>python lessons/01_boxes_and_iou.py</code>.</p>"
    )
    links = "".join(
        f'<li><a href="{path.stem}.html">{escape(_title(path.read_text(encoding="utf-8")))}</a></li>' for path in others
    )
    more = f"<h2>To look up</h2><ul>{links}</ul>" if links else ""
    body = f'{_top()}<main>{words}<ol class="cards">{cards}</ol>{more}</main>'
    return page("Object detection, step by step", body, "front")


def page(title, body, name):
    """Return a whole page around a body."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<link rel="icon" href="data:,">
<title>{escape(title)} · numpyssd</title>
<style>
{STYLE.read_text(encoding="utf-8")}
{code_colors()}
</style>
</head>
<body id="{name}">
{body}
</body>
</html>
"""


def main(argv=None):
    """Write the site."""
    parser = command.parser("learn.site", "Write the lessons as pages.", ["python -m lessons.course.site --out site"])
    parser.add_argument("--out", metavar="DIR", default="site", help="the folder to write into (default: %(default)s)")
    paths = build(parser.parse_args(argv).out)
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} pages ({size:.1f} MB); open {paths[0]}")


if __name__ == "__main__":
    command.run(main)
