"""A lesson's notebook as a page: its cells, their outputs, a table of contents and links to the neighbors."""

import base64
import re
import struct
from html import escape, unescape

from lessons.course.markup import anchor, code_block, markdown
from lessons.course.page import page, top


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
    return page(title, f"{top()}{side}<main>{menu}{''.join(body)}{_next(course, number)}</main>", name)


def _section(words, contents):
    name = anchor(words)
    contents.append((name, re.sub(r"<svg.*?</svg>", "", words)))
    return f'<h2 id="{name}">{words}</h2>'


def _next(course, number):
    links = []
    for step, words, place in ((-1, "← before", "before"), (1, "next →", "after")):
        if 0 <= number + step < len(course):
            name, title, _ = course[number + step]
            links.append(f'<a class="{place}" href="{name}.html"><small>{words}</small>{escape(title)}</a>')
    return f'<nav class="turn" aria-label="Other lessons">{"".join(links)}</nav>'


def output_html(output):
    """Return one output of a cell: printed words, a figure, a widget, or code of the library."""
    if output["output_type"] == "stream":
        return f'<pre class="printed">{escape("".join(output["text"]))}</pre>'
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


def _is_broad(png):
    """Return whether a PNG is too broad for a phone, where the reader then scrolls it sideways."""
    width, height = struct.unpack(">II", png[16:24])  # after the signature, and the length and name of the head
    return width > 600 and width > 1.5 * height


def _answer(match):
    return code_block(unescape(match[1]))
