"""The HTML of the lessons' words: Markdown with formulas as SVG, and code in colors."""

import base64
import re
from html import unescape
from pathlib import Path

from numpyssd.contrast import readable
from numpyssd.errors import InputError
from lessons.course import formulas

MATH = re.compile(r"\$\$(?P<display>.+?)\$\$|(?<![\\$\w])\$(?P<inline>[^$\n]+?)\$(?![\w$])", re.DOTALL)
CODE_BACKGROUND, CODE_BACKGROUND_DARK = "#f3f2ee", "#1c1f24"  # as in page.css
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
PICTURES = Path(__file__).resolve().parents[2] / "data/pictures"


def markdown(text):
    """Return Markdown as HTML, its formulas as SVG and its code colored. Raises InputError without the parser."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise InputError("markdown-it-py is missing; pip install -r requirements-lessons.txt") from None
    kept = []

    def keep(html):
        kept.append(html)
        return f"KEPT{len(kept) - 1}KEPT"

    def formula(match):
        inline = match["inline"] is not None
        return keep(formulas.svg(match["inline"] if inline else match["display"], inline))

    # What is code has no formulas in it.
    pieces, end = [], 0
    for code in CODE.finditer(text):
        pieces += [MATH.sub(formula, text[end : code.start()]), code[0]]
        end = code.end()
    text = "".join(pieces) + MATH.sub(formula, text[end:])
    parser = MarkdownIt("commonmark", {"html": True, "highlight": lambda code, *_: colored(code)}).enable("table")
    html = re.sub(r"KEPT(\d+)KEPT", lambda match: kept[int(match[1])], parser.render(text))
    # A link to another lesson leads to its page; a wide table may be pushed aside with a finger.
    html = re.sub(r'href="(\w+)\.(?:ipynb|py|md)([#"])', r'href="\1.html\2', html)
    html = re.sub(r'src="\.\./data/pictures/(\w+\.png)"', lambda match: _inlined(match[1]), html)
    return html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


def _inlined(name):
    """Return the source of a picture of the project as a data: address, for a page is one file, and its style."""
    address = base64.b64encode((PICTURES / name).read_bytes()).decode("ascii")
    return f'src="data:image/png;base64,{address}" style="max-width:100%;height:auto"'


def anchor(html):
    """Return the anchor of a heading as code hosts make it: letters and digits stay, a space becomes a hyphen."""
    words = unescape(re.sub(r"<[^>]+>", "", html)).lower()
    return re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")


def colored(code):
    """Return Python code as HTML with a class for each kind of word."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")


def code_block(code, name=""):
    """Return a block of code; two empty lines in it become one, because a page is no file."""
    code = re.sub(r"\n{3,}", "\n\n", code)
    return f'<pre class="code {name}"><code>{colored(code)}</code></pre>'


def code_colors():
    """Return the CSS rules of the colors, for a light page and for a dark one, all readable on their background."""
    light, dark = _color_rules("default", CODE_BACKGROUND), _color_rules("github-dark", CODE_BACKGROUND_DARK)
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _color_rules(style, background):
    from pygments.formatters import HtmlFormatter

    rules = HtmlFormatter(style=style).get_style_defs("code").splitlines()
    rules = "\n".join(rule for rule in rules if rule.startswith("code .") and "background" not in rule)
    return re.sub(r"(?<=\bcolor: )#(\w{6}|\w{3})\b", lambda match: readable(_six(match[1]), background), rules)


def _six(digits):
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
