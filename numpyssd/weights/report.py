"""The report of loading a file: which arrays were loaded, as a table with one row for each layer."""

from typing import NamedTuple

MAX_SKIPPED = 12  # rows of the table
PARTS = ("weight", "bias", "scale", "shift", "mean", "variance", "W", "b", "0", "1")  # how names of arrays end


class Report(NamedTuple):
    """What was done with the arrays of a file.

    - loaded: the names of the arrays that were copied;
    - skipped: the names in the file that were not used;
    - reinitialized: the names in the model that keep their initial values;
    - shapes: name -> ((name in the file, shape in the file) or None, shape in the model or None);
    - source: whose file it is, in words;
    - notes: sentences.
    """

    loaded: list
    skipped: list
    reinitialized: list
    shapes: dict = {}
    source: str = ""
    notes: tuple = ()

    def __str__(self):
        """Return the source, a table, the notes and the three counts."""
        lines = [self.source] if self.source else []
        lines += table(self) + [f"note: {note}" for note in self.notes]
        for title, names in zip(("loaded", "skipped", "re-initialized"), self):
            some = f" ({', '.join(names[:6])}{', …' if len(names) > 6 else ''})" if names else ""
            lines.append(f"{title}: {len(names)}{some}")
        return "\n".join(lines)


def table(report: Report) -> list[str]:
    """Return the lines of a table: layer, name and shapes in the file, shapes here, and what was done with it."""
    rows = {}  # (layer, outcome) -> (name in the file, shapes there, shapes here)
    outcomes = (("loaded", report.loaded), ("re-initialized", report.reinitialized), ("skipped", report.skipped))
    for outcome, names in outcomes:
        for name in names:
            if outcome == "skipped" and name in report.reinitialized:  # its row is there already, with both shapes
                continue
            theirs, ours = report.shapes.get(name, (None, None))
            layer, their_layer = _layer(name), _layer(theirs[0]) if theirs else ""
            row = rows.setdefault((layer, outcome), (their_layer if their_layer != layer else "", [], []))
            row[1].append(shape_text(theirs[1]) if theirs else "-")
            row[2].append(shape_text(ours) if ours is not None else "-")
    skipped = [key for key in rows if key[1] == "skipped"]
    for key in skipped[MAX_SKIPPED:]:
        del rows[key]
    if not rows:
        return []
    cells = [("layer", "in the file", "", "here", "")]
    cells += [(layer, name, _all(there), _all(here), outcome) for (layer, outcome), (name, there, here) in rows.items()]
    if len(skipped) > MAX_SKIPPED:
        cells.append(("…", f"and {len(skipped) - MAX_SKIPPED} more", "", "", "skipped"))
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
