"""Widgets: figures that answer to mouse, finger and keys, in plain JavaScript without any request to a network.

The numbers of a widget are computed here and travel inside it; its script only chooses among them. Seven
kinds: ``drag`` things, or drag them over ``cells``, ``scrub`` through steps, ``hover`` over cells (and over the rows of
default boxes), move a ``threshold``, ``toggle`` between images, and ``choose`` one of each group. Each returns HTML for
lessons.course.display.show_widget. What they show of a detector is made in the other files of this folder, one for each
idea.
"""

import hashlib
import json
from html import escape
from pathlib import Path

import numpy as np

from numpyssd.drawing import COLORS, LINE_STYLES
from lessons.course.widgets.image import data_address

FOLDER = Path(__file__).parent / "js"
MARKS = ("box", "fill", "line", "dot", "text")
HELPERS = {"drag": ("handles",), "cells": ("handles",)}  # scripts of a kind beside common.js and its own
DASHES = {"-": "none", ":": "2 3", "--": "7 4", "-.": "7 3 2 3"}


def box(xyxy, role, text="", kind="box"):
    """Return the mark of a box (4,) xyxy, in the color and line style of its role; kind may be "fill"."""
    x1, y1, x2, y2 = (float(value) for value in xyxy)
    mark = [kind, _role(role), *(_short(value) for value in (x1, y1, x2 - x1, y2 - y1))]
    return [*mark, text] if text else mark


def _short(value):
    """Return a number to a tenth, as an int if it is whole: thousands of them travel in a page."""
    return int(value) if float(value).is_integer() else round(float(value), 1)


def line(x1, y1, x2, y2, role):
    """Return the mark of a line."""
    return ["line", _role(role), *(round(float(value), 2) for value in (x1, y1, x2, y2))]


def text(x, y, words, role="number", anchor="middle"):
    """Return the mark of a word or a number."""
    return ["text", _role(role), round(float(x), 2), round(float(y), 2), str(words), anchor]


def drag(label, size, variants, step, image=None, marks=(), relative=False, margin=0):
    """Return a widget in which things are dragged on a grid of ``step``.

    variants: a list of {"name", "things", "states"}; a thing is {"name", "role", "x", "y", "w", "h"} in steps; states
    has for each position "x,y" of the first thing, or if relative for each way "x,y" from the first to the last, a pair
    (words, marks), and under "other" the one for all the rest.
    """
    for variant in variants:
        for thing in variant["things"]:
            thing["role"] = _role(thing["role"])
    low, high = (-margin, -margin), (size[0] // step + margin, size[1] // step + margin)
    return _html("drag", label, size, image, marks, variants=variants, step=step, relative=relative, low=low, high=high)


def cells(label, size, things, grids, step, words, first=0):
    """Return a widget in which things are dragged over a grid of cells; a slider chooses the grid.

    - things: as ``drag`` has them; of those whose centers lie in one cell the first stays.
    - grids: each {"size" of a cell, "marks", "counts": [(name, count, role)], "at"}; at has for each center, from 0 on
      in half steps, a pair (column, place in the column).
    - words: "place" with {0} to {3} for row, y, column, x; "apart" and "lost" with {0}, {1} for the place of each thing.
    """
    things = [{**thing, "role": _role(thing["role"])} for thing in things]
    for grid in grids:
        grid["counts"] = [(name, count, _role(role)) for name, count, role in grid["counts"]]
    low, high = (0, 0), (size[0] // step, size[1] // step)
    more = {"things": things, "grids": grids, "step": step, "low": low, "high": high, "first": first}
    return _html("cells", label, size, None, (), **words, **more)


def scrub(label, size, states, image=None, marks=(), first=0):
    """Return a widget that steps through states, each {"say", "marks"} and, with several images, {"image"}."""
    return _html("scrub", label, size, image, marks, states=states, first=first)


def toggle(label, size, states, image=None, marks=(), first=0):
    """Return a widget that shows one of the states, each {"name", "say", "marks"} and perhaps {"image"}."""
    return _html("toggle", label, size, image, marks, states=states, first=first)


def choose(label, size, groups, states, image=None, marks=(), first=None):
    """Return a widget with a row of buttons for each group.

    groups: a list of {"name", "options"}; states has for each choice "0,2,1", the index in each group, a pair (words,
    marks); first: the index in each group at rest, 0 by default.
    """
    first = list(first or [0] * len(groups))
    return _html("choose", label, size, image, marks, groups=groups, states=states, first=first)


def threshold(label, size, states, image=None, marks=(), curve=None, axes=("recall", "precision"), first=0):
    """Return a widget with a slider of thresholds.

    states: each {"say", "marks", "counts": [(name, count, role)], "point": (x, y)}; curve: points (P, 2) in [0, 1].
    """
    for state in states:
        state["counts"] = [(name, count, _role(role)) for name, count, role in state.get("counts", ())]
    curve = None if curve is None else np.round(np.asarray(curve, float), 4).tolist()
    return _html("threshold", label, size, image, marks, states=states, curve=curve, axes=axes, first=first)


def hover(label, size, cells, columns, image=None, marks=(), first=0, shown=None):
    """Return a widget with cells to point at, each (x, y, width, height, words, marks), ``columns`` in a row.

    size: of the image, (width, height); shown: of the drawing, if it is larger.
    """
    return _html("hover", label, size, image, marks, shown=shown, cells=cells, columns=columns, first=first)


def rows(label, maps, side, image=None, first=0, marks=(), **more):
    """Return a widget that says of each row of a network's output which map, cell and default box it is.

    maps: a list of {"name", "size", "step", "first", "centers", "shapes"}, see boxes.rows_of_maps; with "slots", which
    is (x, y, width, height) of the first row, the rows themselves can be pointed at. more: "view" of the drawing (x, y,
    width, height), "scale" of the image, and "found", words to add by row.
    """
    return _html("rows", label, (side, side), image, marks, margin=0.14 * side, maps=maps, first=first, **more)


def _role(role):
    return role.replace(" ", "-")


def _style():
    roles = (
        f".widget .r-{_role(role)} {{ color: {color}; }} "
        f".widget :is(rect, line).r-{_role(role)} {{ stroke-dasharray: {DASHES[LINE_STYLES[role]]}; }}"
        for role, color in COLORS.items()
    )
    return (FOLDER / "widget.css").read_text(encoding="utf-8") + "\n".join(roles)


def _pooled(value, pool):
    """Return data in which each mark is its number in the pool: many positions show the same boxes.

    The pool is a dictionary of marks, as tuples, by their numbers; it grows.
    """
    if isinstance(value, dict):
        return {key: _pooled(item, pool) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], str) and value[0] in MARKS and len(value) >= 5:
            return pool.setdefault(tuple(value), len(pool))
        return [_pooled(item, pool) for item in value]
    return value


def _html(kind, label, size, image, marks, margin=0.0, shown=None, **data):
    images = [] if image is None else [data_address(each) for each in (image if isinstance(image, list) else [image])]
    shown = shown or size
    view = [-margin, -margin, shown[0] + 2 * margin, shown[1] + 2 * margin]
    pool = {}
    data = _pooled({"marks": list(marks), **data}, pool)
    data = {"label": label, "size": list(size), "view": view, "images": images, "pool": list(pool), **data}
    # "</" would end the script.
    written = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    name = f"{kind}-{hashlib.sha1(written.encode()).hexdigest()[:8]}"
    parts = ("common", *HELPERS.get(kind, ()), kind)
    script = "\n".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in parts)
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
