"""What the widget of lesson 24 shows: what a convolution reads and writes at once."""

from lessons.course.conv_cost import multiplications
from lessons.course.widgets.widget import box, line, toggle


def tiles(side=12, cell=20):
    """Return the widget of what a convolution reads (orange frame) and writes (blue) at once: one output, or a tile."""
    states = []
    for name, tile in (("one by one", 1), ("tiles of 2 x 2", 2), ("tiles of 4 x 4", 4)):
        low, high, patch = cell, (side + 1) * cell, (tile + 2) * cell
        edges = [(n + 1) * cell for n in range(0, side + 1, tile)]
        marks = [box((low, low, (tile + 1) * cell, (tile + 1) * cell), "positive", kind="fill")]
        marks += [line(edge, low, edge, high, "default box") for edge in edges]
        marks += [line(low, edge, high, edge, "default box") for edge in edges]
        marks += [box((0, 0, patch, patch), "prediction")]
        count = multiplications((1, side, side, 1), 1, tile=tile)
        say = f"reads {(tile + 2) ** 2}, writes {tile**2}; {side} x {side} outputs: {count} multiplications"
        states.append({"name": name, "say": say, "marks": marks})
    return toggle(
        "Choose how much is made at once: orange is read, blue is written.", ((side + 2) * cell,) * 2, states, first=2
    )
