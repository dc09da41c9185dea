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

from numpyssd.contrast import readable, text_color
from numpyssd.drawing import COLORS, LINE_STYLES
from lessons.course.widgets.image import data_address, is_small

FOLDER = Path(__file__).parent / "js"
MARKS = ("box", "fill", "line", "dot", "text", "view")
HELPERS = {"drag": ("handles",), "cells": ("handles",), "choose": ("inset",)}  # further scripts of a kind
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


def view(xyxy, part):
    """Return the mark of an inset: a part (4,) xyxy of the image fills a box (4,) xyxy; beyond the image is the mean."""
    ends = [(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in (np.asarray(xyxy, float), np.asarray(part, float))]
    return ["view", "mean", *(_short(value) for end in ends for value in end)]


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


def scrub(label, size, states, image=None, marks=(), first=0, margin=None):
    """Return a widget that steps through states, each {"say", "marks"} and, with several images, {"image"}.

    margin: what is seen around the image, in its units.
    """
    return _html("scrub", label, size, image, marks, margin=margin, states=states, first=first)


def toggle(label, size, states, image=None, marks=(), first=0):
    """Return a widget that shows one of the states, each {"name", "say", "marks"} and perhaps {"image"}."""
    return _html("toggle", label, size, image, marks, states=states, first=first)


def choose(label, size, groups, states, image=None, marks=(), first=None, shown=None):
    """Return a widget with a row of buttons for each group.

    groups: a list of {"name", "options"}; states has for each choice "0,2,1", the index in each group, a pair (words,
    marks); first: the index in each group at rest, 0 by default. size: of the image; shown: of the drawing, if larger.
    """
    first = list(first or [0] * len(groups))
    return _html("choose", label, size, image, marks, shown=shown, groups=groups, states=states, first=first)


RECALL_AND_PRECISION = ("recall", "precision")
UNIT = ((0, "0"), (0.5, "0.5"), (1, "1"))  # the numbers at an axis from 0 to 1


def threshold(label, size, states, image=None, marks=(), curve=None, axes=RECALL_AND_PRECISION, first=0, ticks=None):
    """Return a widget with a slider of thresholds.

    states: each {"say", "marks", "counts": [(name, count, role)], "point": (x, y)}; curve: points (P, 2) in [0, 1];
    ticks: for each of the two axes, where in [0, 1] a number stands, and the number; known for recall and precision.
    """
    for state in states:
        state["counts"] = [(name, count, _role(role)) for name, count, role in state.get("counts", ())]
    curve = None if curve is None else np.round(np.asarray(curve, float), 4).tolist()
    ticks = ticks or ((UNIT, UNIT) if tuple(axes) == RECALL_AND_PRECISION else ((), ()))
    more = {"curve": curve, "axes": axes, "ticks": ticks}
    return _html("threshold", label, size, image, marks, states=states, first=first, **more)


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
        f".widget .r-{_role(role)} {{ color: {color}; --role: {color}; "
        f"--on: {text_color(color)}; --text: {readable(color, '#FFFFFF')}; }} "
        f".widget :is(rect, line).r-{_role(role)} {{ stroke-dasharray: {DASHES[LINE_STYLES[role]]}; }}"
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
        if value and isinstance(value[0], str) and value[0] in MARKS and len(value) >= 5:
            return pool.setdefault(tuple(value), len(pool))
        return [_pooled(item, pool) for item in value]
    return value


def _html(kind, label, size, image, marks, margin=None, shown=None, **data):
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
