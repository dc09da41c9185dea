"""A lesson's notebook as a page: its cells, their outputs, a table of contents and links to the neighbors."""

import base64
import re
import struct
from html import escape, unescape

from lessons.course.figure_code import parts
from lessons.course.in_page.exercise import SCRIPT as EXERCISES_RUN
from lessons.course.in_page.exercise import exercise_html, exercise_of
from lessons.course.markup import anchor, code_block, markdown
from lessons.course.page import POLICY, POLICY_WITH_PYTHON, page, top

FIGURE_CODE = "The code of this figure"

RUN = (
    '<p class="run">To run it: {here}open <code>lessons/{name}.ipynb</code> in Jupyter or in an editor that knows notebooks, '
    "or type <code>python lessons/{name}.py</code> in a terminal. "
    '<a href="{name}.ipynb" download>Download the notebook</a> into the folder <code>lessons</code> of numpyssd.</p>'
)

HINT = (
    '<p class="run">In this page, press <b>Run</b>. For a hint, type <code>check.hint("{name}")</code> in the same box, '
    "below your function, and press Run again.</p>"
)

IN_PAGE = 'do the <a href="#exercises">exercises</a> in this page; or '


def lesson_page(course, number, runs=False):
    """Return the page of a lesson of a course, a list of front_page.Lesson; runs: whether it runs its exercises."""
    lesson = course[number]
    body, contents = [], []
    cells = lesson.notebook["cells"]
    codes = [("".join(c["source"]), c["metadata"].get("tags", ())) for c in cells if c["cell_type"] == "code"]
    sources = [source for source, _ in codes]
    code = iter(enumerate(zip(codes, parts(codes))))
    words, asked, asks = "", None, runs and any(map(exercise_of, sources))
    for n, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            words = "".join(cell["source"])
            html = markdown(words)
            body.append(re.sub(r"<h2>(.+?)</h2>", lambda match: _section(match[1], contents), html))
        else:
            place, ((source, tags), cut) = next(code)
            if asks and exercise_of(source):
                if asked is None:
                    asked = exercise_of(source)
                    body.append(HINT.format(name=asked))
                body.append(exercise_html(sources, place, words))
            elif "setup" in tags:
                body.append(_folded("What this lesson imports", source))
            else:
                body += [_folded(FIGURE_CODE, part) if only_draws else code_block(part) for part, only_draws in cut]
            body += [output_html(output) for output in cell["outputs"]]
        if n == 0:
            body.append(RUN.format(name=lesson.name, here=IN_PAGE if asks else ""))
    links = "".join(f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in contents)
    menu = f'<details class="menu"><summary>In this lesson</summary><ol>{links}</ol></details>'
    side = f'<nav class="side" aria-label="In this lesson"><p>In this lesson</p><ol>{links}</ol></nav>'
    main = f"<main>{menu}{''.join(body)}{_next(course, number)}</main>"
    if asks:
        main += f"<script>{EXERCISES_RUN}</script>"
    return page(lesson.title, f"{top()}{side}{main}", lesson.name, POLICY_WITH_PYTHON if asks else POLICY)


def _folded(title, source):
    return f'<details class="code"><summary>{title}</summary>{code_block(source)}</details>'


def _section(words, contents):
    name = anchor(words)
    contents.append((name, re.sub(r"<svg.*?</svg>", "", words)))
    return f'<h2 id="{name}">{words}</h2>'


def _next(course, number):
    links = []
    for step, words, place in ((-1, "← before", "before"), (1, "next →", "after")):
        if 0 <= number + step < len(course):
            name, title = course[number + step][:2]
            links.append(f'<a class="{place}" href="{name}.html"><small>{words}</small>{escape(title)}</a>')
    return f'<nav class="turn" aria-label="Other lessons">{"".join(links)}</nav>'


def output_html(output):
    """Return one output of a cell: printed words, a figure, a widget, or code of the library."""
    if output["output_type"] == "stream":
        text = "".join(output["text"])
        return f'<pre class="printed{" aligned" * _is_aligned(text)}">{escape(text)}</pre>'
    data = {kind: "".join(text) for kind, text in output["data"].items()}
    if "image/png" in data:
        # A string of digits may be broken over lines; the page wants it whole.
        content = base64.b64decode(data["image/png"])
        address = base64.b64encode(content).decode("ascii")
        image = f'<img alt="{escape(data["text/plain"])}" src="data:image/png;base64,{address}">'
        figure = f'<figure class="broad">{image}</figure>' if _is_broad(content) else f"<figure>{image}</figure>"
        return f"<noscript>{figure}</noscript>" if output["metadata"].get("numpyssd") == "still" else figure
    if output["metadata"].get("numpyssd") == "answer":
        return re.sub(r"<pre>(.*)</pre>", _answer, data["text/html"], flags=re.DOTALL)
    if "text/markdown" in data:
        return f'<div class="library">{markdown(data["text/markdown"])}</div>'
    return data.get("text/html") or f'<pre class="printed">{escape(data["text/plain"])}</pre>'


def _is_aligned(text):
    """Return whether printed words stand in columns: such lines must not be broken."""
    return len(re.findall(r"^.*\S {2,}\S", text, re.MULTILINE)) > 1


def _is_broad(png):
    """Return whether a PNG is too broad for a phone, where the reader then scrolls it sideways."""
    width, height = struct.unpack(">II", png[16:24])  # after the signature, and the length and name of the head
    return width > 600 and width > 1.5 * height


def _answer(match):
    return code_block(unescape(match[1]))
