"""The comparison on our own machine: what ``python -m benchmarks.rivals --data BCCD`` has written, as text and figures."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import mean

from benchmarks.rivals.figure import draw_errors, draw_sizes, draw_times
from benchmarks.rivals.measuring import SIZES
from benchmarks.rivals.rows import MAIN, ROWS
from benchmarks.rivals.table import runs_of, spread
from numpyssd.rivals.faster_rcnn.recipes import PRESETS
from numpyssd.rivals.faster_rcnn.summary import multiply_adds

CLASSES = 4  # background and three kinds of blood cells
RESULTS = Path(__file__).resolve().parents[2] / "benchmarks/results/rivals_bccd.json"
MISSING = "not measured yet: python -m benchmarks.rivals --data BCCD"


def our_results(path=None):
    """Return the results that were written; without a file, those of no run."""
    path = path or RESULTS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"runs": {}}


def rows_of(results, names=tuple(ROWS)):
    """Return those of the names that have runs."""
    return [name for name in names if runs_of(results, name)]


def accuracy_table(results):
    """Return a line for each row: mAP over its runs, COCO's, and AP at IoU 0.5 of objects of each size."""
    lines = [("", "runs", "mAP", "COCO's", *SIZES)]
    for name in rows_of(results):
        runs = runs_of(results, name)
        cells = [_mean([run["coco"] for run in runs])]
        cells += [_mean([run["AP50_by_size"][size] for run in runs]) for size in SIZES]
        lines.append((name, str(len(runs)), spread([run["mAP"] for run in runs]), *cells))
    return _table(lines, (5, 15, 8, 7, 8, 7))


def cost_table(results, of="SSD"):
    """Return a line for each row that was timed: what an image costs, also in multiples of what it costs ``of``.

    The regions are those of the second stage in the image that was timed, rounded up to a multiple of four.
    """
    speeds = {name: _speed(results, name) for name in rows_of(results)}
    lines = [("", "regions", "GMAC", f"/ {of}", "ms", f"/ {of}", "images/s", "batch 8")]
    base = _costs(speeds[of]) if speeds.get(of) else None
    for name, speed in ((name, speed) for name, speed in speeds.items() if speed):
        cells = [regions_of(name, speed)]
        for n, cost in enumerate(_costs(speed)):
            cells += [f"{cost:.{2 - n}f}", f"{cost / base[n]:.2f}" if base else "-"]
        lines.append((name, *cells, *(f"{speed['images_per_second'][batch]:.1f}" for batch in ("1", "8"))))
    return _table(lines, (8, 6, 7, 6, 7, 9, 8))


def regions_of(name, speed):
    """Return as text how many regions the second stage had, from the multiply-adds that were counted; or a dash."""
    row = ROWS[name]
    if row.detector != "faster_rcnn":
        return "-"
    config = replace(PRESETS["compact"], num_classes=CLASSES, **row.changes)
    parts = multiply_adds(config, regions=1)
    return f"{(speed['multiply_adds'] - parts['trunk'] - parts['first stage']) / parts['second stage']:.0f}"


def _speed(results, name):
    """Return what was timed of a row, or None."""
    return next((run["speed"] for run in runs_of(results, name) if "speed" in run), None)


def _costs(speed):
    """Return 1e9 multiply-adds and milliseconds."""
    return speed["multiply_adds"] / 1e9, sum(speed["milliseconds"].values())


def _table(lines, widths):
    """Return lines of cells as text, the first 27 wide; less than two lines are a heading without a table."""
    if len(lines) < 2:
        return MISSING
    return "\n".join(
        line[0].ljust(27) + "".join(cell.rjust(width) for cell, width in zip(line[1:], widths)) for line in lines
    )


def _mean(values):
    """Return the mean as text, or a dash where there are no objects of a size."""
    return "-" if None in values else f"{mean(values):.3f}"


def clearly_ahead(first, second):
    """Return 1 if every run of the first is above every run of the second, -1 if below, 0 if they mix."""
    return int(min(first) > max(second)) - int(max(first) < min(second))


def verdicts(results, ours="SSD"):
    """Return a sentence for each rival and each measure: who is ahead, and whether in every run."""
    measures = {"mAP": lambda run: run["mAP"], "COCO's mAP": lambda run: run["coco"]}
    for size in SIZES:
        measures[f"AP of {size} objects"] = lambda run, size=size: run["AP50_by_size"][size]
    lines = []
    for rival in rows_of(results, MAIN):
        for measure, read in measures.items():
            first, second = ([read(run) for run in runs_of(results, name)] for name in (ours, rival))
            if rival == ours or not first or None in first + second:
                continue
            ahead = clearly_ahead(first, second)
            words = {1: f"{ours} is ahead of {rival}", -1: f"{rival} is ahead of {ours}", 0: f"{ours} and {rival} mix"}
            lines.append(f"{measure:22} {words[ahead]:32} {mean(first):.3f} and {mean(second):.3f}")
    return lines or [MISSING]


def draw_ours(axes, results):
    """Draw on three axes: AP by size, where the time of an image goes, and kinds of errors."""
    names = rows_of(results, MAIN)
    for ax, draw in zip(axes, (draw_sizes, draw_times, draw_errors)):
        if names:
            draw(ax, results, names)
        else:
            ax.text(0.5, 0.5, MISSING.replace(": ", ":\n"), ha="center", va="center", transform=ax.transAxes)
