"""The parts of an HTML page that needs no other file: images inside the text, tables, a light and a dark style.

Whatever comes from a file is escaped here. The security policy in the head forbids the browser to load or run anything.
"""

import base64
import math
from html import escape

from numpyssd.json_files import is_number

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ --text: #1f2328; --soft: #59636e; --background: #f4f5f7; --card: #ffffff; --line: #d9dde3; --bar: #0072B2; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --text: #e4e7eb; --soft: #9aa4b0; --background: #121417; --card: #1c1f24; --line: #3a3f47; --bar: #56B4E9; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 1rem; max-width: 72rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--background); }}
h1 {{ font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.15rem; margin: 2rem 0 .6rem; }}
.grid {{ display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }}
.numbers {{ grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }}
.card {{ background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem;
  overflow-x: auto; }}
.card b {{ display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.soft, th, caption {{ color: var(--soft); font-weight: normal; font-size: .875rem; }}
img {{ display: block; width: 100%; height: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .25rem .8rem .25rem 0; border-top: 1px solid var(--line); vertical-align: top; }}
td {{ overflow-wrap: anywhere; }}
tr:first-child > * {{ border-top: 0; }}
td.number {{ text-align: right; white-space: nowrap; width: 5rem; font-variant-numeric: tabular-nums; }}
td.track {{ width: 45%; vertical-align: middle; }}
.track div {{ height: .7rem; border-radius: .2rem; background: var(--bar); }}
pre {{ margin: 0; font: .875rem/1.6 ui-monospace, monospace; }}
summary {{ cursor: pointer; }}
.head b {{ font-size: 2.4rem; }}
.advice {{ font-size: 1.05rem; margin: .2rem 0; padding-left: 1.2rem; }}
.examples {{ display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(min(46%, 9.5rem), 1fr)); }}
figure {{ margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .4rem; }}
figure img {{ border-radius: .25rem; }}
figcaption {{ font-size: .875rem; line-height: 1.35; overflow-wrap: anywhere; margin-top: .3rem; }}
.confusion {{ width: auto; font-variant-numeric: tabular-nums; }}
.confusion td, .confusion th {{ border: 1px solid var(--line); padding: .2rem .45rem; text-align: center;
  vertical-align: middle; white-space: nowrap; }}
.confusion tr > th:first-child {{ text-align: right; position: sticky; left: 0; background: var(--card); }}
.confusion .share {{ background: color-mix(in srgb, var(--bar) var(--share), transparent); }}
.classes th, .classes td {{ white-space: nowrap; overflow-wrap: normal; }}
code {{ white-space: nowrap; font-size: .9em; }}
</style>
</head>
<body>
"""
TAIL = "</body>\n</html>\n"


def image(light: bytes, text: str, dark: bytes | None = None) -> str:
    """Return an image, the bytes of a PNG or JPEG, with its alternative text, and perhaps one for the dark style."""
    tag = f'<img alt="{escape(text)}" src="{_address(light)}">'
    if dark is None:
        return tag
    return f'<picture><source media="(prefers-color-scheme: dark)" srcset="{_address(dark)}">{tag}</picture>'


def _address(data):
    kind = "jpeg" if data.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64," + base64.b64encode(data).decode("ascii")


def number_card(value, label):
    """Return a box with one number and what it is."""
    return f'<div class="card"><b>{escape(value)}</b><span class="soft">{escape(label)}</span></div>'


def table(value):
    """Return a value of JSON as nested tables: a dictionary in rows, a list of like dictionaries in columns."""
    if isinstance(value, dict) and value:
        rows = (f"<tr><th>{escape(str(name))}</th><td>{_cell(item)}</td></tr>" for name, item in value.items())
        return f"<table>{''.join(rows)}</table>"
    if _is_like_rows(value):
        head = "".join(f"<th>{escape(str(name))}</th>" for name in value[0])
        rows = ("".join(f"<td>{_cell(item)}</td>" for item in row.values()) for row in value)
        return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    return escape(text_of(value))


def _cell(value):
    inner = table(value)
    return f"<details><summary>show</summary>{inner}</details>" if inner.startswith("<table>") else inner


def _is_like_rows(value):
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, dict) and row and row.keys() == value[0].keys() for row in value)
    )


def text_of(value):
    """Return a value of JSON as text for a person."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "not finite"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text_of(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(text_of(item) for item in value)
    return str(value)


def example(picture: bytes, title: str, text: str, name: str) -> str:
    """Return a picture with what it shows below, and the name of its file."""
    caption = f'<b>{escape(title)}</b><br>{escape(text)}<br><span class="soft">{escape(name)}</span>'
    return f"<figure>{image(picture, f'{title}, {text}')}<figcaption>{caption}</figcaption></figure>"


def confusion_table(names, counts) -> str:
    """Return a confusion matrix; the larger a cell's share of its row, the stronger its color."""
    head = "".join(f"<th>{escape(name)}</th>" for name in (*names, "missed"))
    rows = []
    for name, row in zip((*names, "nothing there"), counts):
        total = max(1, sum(row))
        cells = (
            f'<td class="share" style="--share: {85 * count / total:.0f}%">{count}</td>' if count else "<td></td>"
            for count in row
        )
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    return f'<table class="confusion"><tr><th>truth ↓ found as →</th>{head}</tr>{"".join(rows)}</table>'


def class_rows(per_class):
    """Return the average precision of each class, best first, with a bar; None or NaN for a class without objects."""
    known = {name: ap for name, ap in per_class.items() if is_number(ap)}
    order = sorted(known, key=known.get, reverse=True) + [name for name in per_class if name not in known]
    rows = []
    for name in order:
        ap = known.get(name)
        text = "no objects" if ap is None else f"{ap:.3f}"
        width = 0 if ap is None else 100 * min(1.0, max(0.0, ap))
        bar = f'<div style="width: {width:.1f}%"></div>'
        rows.append(f'<tr><td>{escape(str(name))}</td><td class="number">{text}</td><td class="track">{bar}</td></tr>')
    return f"<table>{''.join(rows)}</table>"
