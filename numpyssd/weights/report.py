"""What became of the arrays of a file, for a person: one row for each layer, with shapes."""

from typing import NamedTuple

MOST_SKIPPED = 12  # rows
PARTS = ("weight", "bias", "scale", "shift", "mean", "variance", "W", "b", "0", "1")  # how names of arrays end


class Report(NamedTuple):
    """What became of the arrays of a file: names loaded, names in it that were not used, names left as they were.

    shapes: for each name, (name in the file, its shape there) or None, and the shape here or None. kind: what the
    file is. notes: sentences.
    """

    loaded: list
    skipped: list
    reinitialized: list
    shapes: dict = {}
    kind: str = ""
    notes: tuple = ()

    def __str__(self):
        """Return the kind, a table, the notes and the three sums."""
        lines = [self.kind] if self.kind else []
        lines += table(self) + [f"note: {note}" for note in self.notes]
        for title, names in zip(("loaded", "skipped", "re-initialized"), self):
            some = f" ({', '.join(names[:6])}{', …' if len(names) > 6 else ''})" if names else ""
            lines.append(f"{title}: {len(names)}{some}")
        return "\n".join(lines)


def table(report):
    """Return the lines of a table: layer, name and shapes in the file, shapes here, what became of it."""
    rows = {}  # (layer, fate) -> (names in the file, shapes there, shapes here)
    fates = (("loaded", report.loaded), ("re-initialized", report.reinitialized), ("skipped", report.skipped))
    for fate, names in fates:
        for name in names:
            if fate == "skipped" and name in report.reinitialized:  # it is there already, with both of its shapes
                continue
            theirs, ours = report.shapes.get(name, (None, None))
            layer, foreign = _layer(name), _layer(theirs[0]) if theirs else ""
            row = rows.setdefault((layer, fate), (foreign if foreign != layer else "", [], []))
            row[1].append(shape_text(theirs[1]) if theirs else "-")
            row[2].append(shape_text(ours) if ours is not None else "-")
    skipped = [key for key in rows if key[1] == "skipped"]
    for key in skipped[MOST_SKIPPED:]:
        del rows[key]
    if not rows:
        return []
    cells = [("layer", "in the file", "", "here", "")]
    cells += [(layer, name, _all(there), _all(here), fate) for (layer, fate), (name, there, here) in rows.items()]
    if len(skipped) > MOST_SKIPPED:
        cells.append(("…", f"and {len(skipped) - MOST_SKIPPED} more", "", "", "skipped"))
    widths = [max(len(row[i]) for row in cells) for i in range(4)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[4]]).rstrip() for row in cells]


def _layer(name):
    """Return what the weight and the bias of a layer have in common: "vgg.0", "extractor/conv1_1"."""
    layer, _, part = name.rpartition("/" if "/" in name else ".")
    return layer if part in PARTS else name


def shape_text(shape):
    """Return a shape as "3x3x64x128"."""
    return "x".join(map(str, shape)) or "number"


def _all(shapes):
    return ", ".join(shapes) if set(shapes) != {"-"} else "-"
