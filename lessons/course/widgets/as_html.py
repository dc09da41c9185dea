"""A widget as HTML: its data, the scripts of its kind and its style, in one piece that asks for nothing else."""

import hashlib
import json
from html import escape
from pathlib import Path

from lessons.course.widgets.image import data_address, is_small
from lessons.course.widgets.marks import KINDS, role_class
from numpyssd.contrast import readable, text_color
from numpyssd.drawing import COLORS, LINE_STYLES

FOLDER = Path(__file__).parent / "js"
HELPERS = {"drag": ("handles",), "cells": ("handles",), "choose": ("inset",)}  # further scripts of a kind
DASHES = {"-": "none", ":": "2 3", "--": "7 4", "-.": "7 3 2 3"}


def _style():
    roles = (
        f".widget .r-{role_class(role)} {{ color: {color}; --role: {color}; "
        f"--on: {text_color(color)}; --text: {readable(color, '#FFFFFF')}; }} "
        f".widget :is(rect, line).r-{role_class(role)} {{ stroke-dasharray: {DASHES[LINE_STYLES[role]]}; }}"
        for role, color in COLORS.items()
    )
    return _lean("widget.css") + "\n" + "\n".join(roles)


def _lean(name):
    """Return a file of js/ without its comments and indents: it travels in every widget."""
    lines = map(str.strip, (FOLDER / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _pooled(value, pool):
    """Return data in which each mark is its number in the pool: many positions show the same boxes.

    The pool is a dictionary of marks, as tuples, by their numbers; it grows.
    """
    if isinstance(value, dict):
        return {key: _pooled(item, pool) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], str) and value[0] in KINDS and len(value) >= 5:
            return pool.setdefault(tuple(value), len(pool))
        return [_pooled(item, pool) for item in value]
    return value


def widget_html(kind, label, size, image, marks, margin=None, shown=None, **data):
    """Return the HTML of a widget of a kind, with what its script is to know.

    margin: what is seen around the drawing, by default 1 % of it; shown: the size of the drawing, by default the image's.
    """
    images = [] if image is None else image if isinstance(image, list) else [image]
    shown = shown or size
    margin = max(shown) / 100 if margin is None else margin  # room for the whole line of a box at the edge
    view = [-margin, -margin, shown[0] + 2 * margin, shown[1] + 2 * margin]
    pool = {}
    data = _pooled({"marks": list(marks), **data}, pool)
    addresses, crisp = [data_address(each) for each in images], any(is_small(each) for each in images)
    looks = {"size": list(size), "view": view, "images": addresses, "crisp": crisp}
    data = {"label": label, **looks, "pool": list(pool), **data}
    # "</" would end the script.
    written = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    name = f"{kind}-{hashlib.sha1(written.encode()).hexdigest()[:8]}"
    parts = ("common", *HELPERS.get(kind, ()), kind)
    script = "\n".join(_lean(f"{part}.js") for part in parts)
    return f"""<div class="widget" id="{name}" data-kind="{kind}">
<style>{_style()}</style>
<p>{escape(label)}</p>
<p class="still">This figure moves where scripts may run; the one above shows the same at rest.</p>
</div>
<script>
(function () {{
"use strict";
{script}
const root = document.querySelector("#{name}:not([data-live])");
if (root) {{
  root.dataset.live = "";
  root.querySelector(".still").remove();
  start(root, {written});
}}
}})();
</script>"""
