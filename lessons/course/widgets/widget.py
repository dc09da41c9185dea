"""Widgets: figures that answer to mouse, finger and keys, in plain JavaScript without any request to a network.

The numbers of a widget are computed here and travel inside it; its script only chooses among them. Seven
kinds: ``drag`` things, or drag them over ``cells``, ``scrub`` through steps (``zoom``: with a view for each), ``hover``
over cells (and over the rows of default boxes), move a ``threshold``, ``toggle`` between images, and ``choose`` one of
each group. Each returns HTML for lessons.course.display.show_widget. What they show of a detector is made in the other
files of this folder, one for each idea.
"""

import numpy as np

from lessons.course.widgets.as_html import widget_html
from lessons.course.widgets.marks import box, line, role_class, text, view

__all__ = [
    "box", "cells", "choose", "drag", "hover", "line", "rows", "scrub", "text", "threshold", "toggle", "view", "zoom",
]  # fmt: skip


def drag(label, size, variants, step, image=None, marks=(), relative=False, margin=0):
    """Return a widget in which things are dragged on a grid of ``step``.

    variants: a list of {"name", "things", "states"}; a thing is {"name", "role", "x", "y", "w", "h"} in steps; states
    has for each position "x,y" of the first thing, or if relative for each way "x,y" from the first to the last, a pair
    (words, marks), and under "other" the one for all the rest.
    """
    for variant in variants:
        for thing in variant["things"]:
            thing["role"] = role_class(thing["role"])
    low, high = (-margin, -margin), (size[0] // step + margin, size[1] // step + margin)
    return widget_html(
        "drag", label, size, image, marks, variants=variants, step=step, relative=relative, low=low, high=high
    )


def cells(label, size, things, grids, step, words, first=0):
    """Return a widget in which things are dragged over a grid of cells; a slider chooses the grid.

    - things: as ``drag`` has them; of those whose centers lie in one cell the first stays.
    - grids: each {"size" of a cell, "marks", "counts": [(name, count, role)], "at"}; at has for each center, from 0 on
      in half steps, a pair (column, place in the column).
    - words: "place" with {0} to {3} for row, y, column, x; "apart" and "lost" with {0}, {1} for the place of each thing.
    """
    things = [{**thing, "role": role_class(thing["role"])} for thing in things]
    for grid in grids:
        grid["counts"] = [(name, count, role_class(role)) for name, count, role in grid["counts"]]
    low, high = (0, 0), (size[0] // step, size[1] // step)
    more = {"things": things, "grids": grids, "step": step, "low": low, "high": high, "first": first}
    return widget_html("cells", label, size, None, (), **words, **more)


def scrub(label, size, states, image=None, marks=(), first=0, margin=None):
    """Return a widget that steps through states, each {"say", "marks"} and, with several images, {"image"}.

    margin: what is seen around the image, in its units.
    """
    return widget_html("scrub", label, size, image, marks, margin=margin, states=states, first=first)


def zoom(label, size, states, image=None, marks=(), first=0):
    """Return a widget that steps through states, each {"say", "marks", "view"}.

    view: the part of the drawing that is seen, (x, y, width, height).
    """
    return widget_html("zoom", label, size, image, marks, states=states, first=first)


def toggle(label, size, states, image=None, marks=(), first=0):
    """Return a widget that shows one of the states, each {"name", "say", "marks"} and perhaps {"image"}."""
    return widget_html("toggle", label, size, image, marks, states=states, first=first)


def choose(label, size, groups, states, image=None, marks=(), first=None, shown=None):
    """Return a widget with a row of buttons for each group.

    groups: a list of {"name", "options"}; states has for each choice "0,2,1", the index in each group, a pair (words,
    marks); first: the index in each group at rest, 0 by default. size: of the image; shown: of the drawing, if larger.
    """
    first = list(first or [0] * len(groups))
    return widget_html("choose", label, size, image, marks, shown=shown, groups=groups, states=states, first=first)


RECALL_AND_PRECISION = ("recall", "precision")
UNIT = ((0, "0"), (0.5, "0.5"), (1, "1"))  # the numbers at an axis from 0 to 1


def threshold(label, size, states, image=None, marks=(), curve=None, axes=RECALL_AND_PRECISION, first=0, ticks=None):
    """Return a widget with a slider of thresholds.

    states: each {"say", "marks", "counts": [(name, count, role)], "point": (x, y)}; curve: points (P, 2) in [0, 1];
    ticks: for each of the two axes, where in [0, 1] a number stands, and the number; known for recall and precision.
    """
    for state in states:
        state["counts"] = [(name, count, role_class(role)) for name, count, role in state.get("counts", ())]
    curve = None if curve is None else np.round(np.asarray(curve, float), 4).tolist()
    ticks = ticks or ((UNIT, UNIT) if tuple(axes) == RECALL_AND_PRECISION else ((), ()))
    more = {"curve": curve, "axes": axes, "ticks": ticks}
    return widget_html("threshold", label, size, image, marks, states=states, first=first, **more)


def hover(label, size, cells, columns, image=None, marks=(), first=0, shown=None):
    """Return a widget with cells to point at, each (x, y, width, height, words, marks), ``columns`` in a row.

    size: of the image, (width, height); shown: of the drawing, if it is larger.
    """
    return widget_html("hover", label, size, image, marks, shown=shown, cells=cells, columns=columns, first=first)


def rows(label, maps, side, image=None, first=0, marks=(), **more):
    """Return a widget that says of each row of a network's output which map, cell and default box it is.

    maps: a list of {"name", "size", "step", "first", "centers", "shapes"}, see boxes.rows_of_maps; with "slots", which
    is (x, y, width, height) of the first row, the rows themselves can be pointed at. more: "view" of the drawing (x, y,
    width, height), "scale" of the image, and "found", words to add by row.
    """
    return widget_html("rows", label, (side, side), image, marks, margin=0.14 * side, maps=maps, first=first, **more)
