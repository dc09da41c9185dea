"""What is in a data set, on one screen, before training: objects, sizes, coverage by the default boxes, issues.

python -m numpyssd.datasets.analysis.summary --out FILE        draw it for the built-in set
"""

from textwrap import wrap

import numpy as np

from numpyssd.config import Config, NetworkConfig
from numpyssd.console import counted, printable
from numpyssd.datasets.analysis.coverage import Coverage, Objects, all_objects, coverage, coverage_warnings, input_sizes
from numpyssd.datasets.checks.crowded import crowded_note
from numpyssd.datasets.class_names import voc_note
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import issue_lines
from numpyssd.drawing import COLORS
from numpyssd.figure_text import set_legend
from numpyssd.model.default_boxes import cell_sizes

LINES, COLUMNS = 24, 100


def summarize(dataset: Dataset, config: NetworkConfig) -> str:
    """Return a text of at most 24 lines of at most 100 columns about a data set and the network it is meant for.

    It counts images and objects per class, gives the sizes of objects at the network's input (the square root of
    width x height, in pixels), and says which fraction of the objects the default boxes of config cover at IoU 0.5, on
    which feature map. Classes that are covered badly are warned about, and the data set's ``issues`` are listed. Of a
    detector without default boxes nothing is said about them.
    """
    objects = all_objects(dataset)
    found = coverage(objects.boxes, config) if isinstance(config, Config) else None
    empty = len(dataset) - len(np.unique(objects.images))
    difficult = int(objects.difficult.sum())
    classes = "1 class" if len(dataset.class_names) == 1 else f"{len(dataset.class_names)} classes"
    lines = [
        f"{counted(len(dataset), 'image')}, {empty} without objects; {counted(len(objects.labels), 'object')} of "
        f"{classes}, {difficult} difficult"
    ]
    note = voc_note(dataset.class_names, {dataset.class_names[label - 1] for label in set(objects.labels.tolist())})
    warnings = []
    if len(objects.labels):
        sizes = input_sizes(objects, config)
        lines.append(
            f"size (sqrt of width x height) at the input of {config.image_size} x {config.image_size} px: "
            f"{sizes.min():.0f} smallest, {np.median(sizes):.0f} median, {sizes.max():.0f} largest"
        )
        lines += _class_table(dataset.class_names, objects, found, sizes)
        if found is not None and isinstance(config, Config):
            lines += _coverage_lines(objects, found, config)
            warnings = coverage_warnings(dataset.class_names, objects, found, config)
    lines += _wrapped([text for text in (note, crowded_note(dataset)) if text])
    shown = 2 if len(lines) <= 12 else 1
    lines += _wrapped(warnings[:shown])
    lines += [f"  … and {counted(len(warnings) - shown, 'more such warning')}"] * (len(warnings) > shown)
    lines += issue_lines(dataset.issues, LINES - len(lines) - 1, COLUMNS)
    return "\n".join(lines)


def _wrapped(sentences):
    return [line for text in sentences for line in wrap(text, COLUMNS, subsequent_indent="  ")]


def _percent(part, whole, floor=False):
    """Return a fraction as whole percents, rounded or (so that 100 % means all) cut off."""
    if not whole:
        return "-"
    return f"{100 * int(part) // whole if floor else 100 * part / whole:.0f} %"


def _class_table(names, objects: Objects, found: Coverage | None, sizes):
    """Return one row a class; two classes a row if there are many, and only the commonest of very many."""
    covered, labels = np.zeros(0, bool), np.zeros(0, int)
    if found is not None:
        covered, labels = found.feature_map >= 0, objects.labels[found.sampled]
    order = range(1, len(names) + 1)
    left_out = len(names) - 18 if len(names) > 20 else 0
    if left_out:
        counts = np.bincount(objects.labels, minlength=len(names) + 1)[1:]
        order = sorted(np.argsort(-counts, kind="stable")[:18] + 1)
    cells = []
    for label in order:
        its_sizes, its_covered = sizes[objects.labels == label], covered[labels == label]
        median = f"{np.median(its_sizes):.0f}" if len(its_sizes) else "-"
        part = _percent(len(its_sizes), len(sizes))
        shown = _percent(its_covered.sum(), len(its_covered), floor=True)
        cells.append(f"{printable(names[label - 1]):<14.14} {len(its_sizes):>7} {part:>7} {median:>7} {shown:>8}")
    head = f"{'class':<14} {'objects':>7} {'percent':>7} {'median':>7} {'covered':>8}"
    if len(cells) <= 5:
        return [head, *cells]
    half = (len(cells) + 1) // 2
    rows = [f"{a}   {b}".rstrip() for a, b in zip(cells[:half], [*cells[half:], ""])]
    return [f"{head}   {head}", *rows, *[f"… and {left_out} rarer classes"] * bool(left_out)]


def _coverage_lines(objects: Objects, found: Coverage, config: Config):
    total = len(found.sampled)
    sample = "" if total == len(objects.labels) else f" (of {total} sampled)"
    percent = _percent((found.feature_map >= 0).sum(), total, floor=True)
    first = f"default boxes of {config.name} cover {percent} of the objects{sample} with an IoU of 0.5 or more:"
    maps = [f"{m.name} {_percent((found.feature_map == k).sum(), total)}" for k, m in enumerate(config.feature_maps)]
    maps.append(f"none {_percent((found.feature_map < 0).sum(), total)}")
    unbroken = [text.replace(" ", "\u00a0") for text in maps]  # so that a name and its number stay on one line
    rows = wrap(", ".join(unbroken), COLUMNS, initial_indent="  ", subsequent_indent="  ")
    return [first, *(row.replace("\u00a0", " ") for row in rows)]


# ----------------------------------------------------------------------------------------------------------------------


def draw_summary(axes, dataset: Dataset, config: Config):
    """Draw on two axes: object sizes over default box sizes, and the fraction of objects that each map covers."""
    objects = all_objects(dataset)
    found = coverage(objects.boxes, config)
    sides = (objects.boxes[:, 2:] - objects.boxes[:, :2]) * config.image_size  # (M, 2)
    scatter, bars = axes
    handles = []
    for label, name in enumerate(dataset.class_names, start=1):
        handles += scatter.plot(*sides[objects.labels == label].T, ".", markersize=4, alpha=0.5, label=name)
    missed = found.sampled[found.feature_map < 0]
    crosses = {"markersize": 5, "color": COLORS["negative"], "alpha": 0.6, "label": "not covered"}
    handles += scatter.plot(*sides[missed].T, "x", **crosses)
    for feature_map in config.feature_maps:
        sizes = cell_sizes(feature_map, config.whole_pixels)  # (B, 2)
        squares = scatter.plot(*sizes.T, "s", markersize=9, markerfacecolor="none", color="black")
    scatter.set(xscale="log", yscale="log", aspect="equal", xlabel="width (px)", ylabel="height (px)")
    for axis in (scatter.xaxis, scatter.yaxis):
        axis.set_major_formatter("{x:.0f}")
        axis.set_minor_formatter(lambda value, _: f"{value:.0f}" if f"{value:.0f}"[0] in "235" else "")
    scatter.set_title(f"objects and default boxes at {config.image_size} x {config.image_size} px", fontsize=10)
    if len(dataset.class_names) <= 10:
        set_legend(scatter, handles + squares, [*dataset.class_names, "not covered", "default boxes"], fontsize=8)
    total = max(1, len(found.sampled))
    percents = [100 * (found.feature_map == k).sum() / total for k in (*range(len(config.feature_maps)), -1)]
    names = [f"{m.name}\n{m.scale_px:.0f} px" for m in config.feature_maps]
    colors = [COLORS["positive"]] * len(names) + [COLORS["negative"]]
    bars.bar([*names, "none"], percents, color=colors)
    bars.set_ylabel("objects (%)")
    bars.set_title(f"{sum(percents[:-1]):.0f} % of the objects are covered at IoU 0.5, by these maps", fontsize=10)
    bars.tick_params(axis="x", labelsize=8)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("datasets.summary")
