"""The HTML of the lessons' words: Markdown with formulas as SVG, and code in colors."""

import re
from html import unescape

from numpyssd.errors import InputError
from lessons.course import formulas

MATH = re.compile(r"\$\$(?P<display>.+?)\$\$|(?<![\\$\w])\$(?P<inline>[^$\n]+?)\$(?![\w$])", re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


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
    return html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


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
    """Return the CSS rules of the colors, for a light page and for a dark one."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs("code")
    dark = HtmlFormatter(style="github-dark").get_style_defs("code")
    rules = (
        "\n".join(rule for rule in text.splitlines() if rule.startswith("code .") and "background" not in rule)
        for text in (light, dark)
    )
    return "{}\n@media (prefers-color-scheme: dark) {{\n{}\n}}".format(*rules)
