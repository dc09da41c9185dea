"""The figure of the comparison: recall by size, kinds of errors, and where the time goes."""

from statistics import mean

import numpy as np

from benchmarks.rivals.measuring import SIZES
from benchmarks.rivals.rows import MAIN
from benchmarks.rivals.table import runs_of
from numpyssd.contrast import text_color
from numpyssd.drawing import new_figure, save_figure
from numpyssd.inference.error_split import ERROR_TYPES

COLORS = dict(zip(MAIN, ("#0072B2", "#D55E00", "#009E73")))  # Okabe and Ito
LONGEST = 100.0  # objects: where a bar of errors is cut off
LIMITS = {"small": "up to 32 px", "medium": "32 to 96 px", "large": "from 96 px"}


def draw(results, path):
    """Write the figure of the main rows that there are."""
    names = [name for name in MAIN if runs_of(results, name)]
    if not names:
        return
    figure, axes = new_figure(1, 3, (15, 4.6))
    draw_sizes(axes[0], results, names)
    draw_errors(axes[1], results, names)
    draw_times(axes[2], results, names)
    save_figure(figure, path)


def draw_sizes(ax, results, names):
    """Draw AP at IoU 0.5 by the size of the objects at the network's input, a bar for each detector."""
    first = runs_of(results, names[0])[0]["AP50_by_size"]
    sizes = [size for size in SIZES if first[size] is not None]
    places, width = np.arange(len(sizes)), 0.8 / len(names)
    for i, name in enumerate(names):
        rows = np.array([[run["AP50_by_size"][size] for size in sizes] for run in runs_of(results, name)])  # (seeds, 3)
        offsets = places + (i - (len(names) - 1) / 2) * width
        ax.bar(offsets, rows.mean(axis=0), width, color=COLORS[name], label=name, yerr=rows.std(axis=0), capsize=3)
        for x, y in zip(offsets, rows.mean(axis=0)):
            ax.text(x, y / 2, f"{y:.2f}", ha="center", fontsize=9, color=text_color(COLORS[name]))
    ax.set_xticks(places, [f"{size}\n{LIMITS[size]}" for size in sizes])
    ax.set_ylabel("AP at IoU 0.5")
    ax.set_title("by the size of the object at the network's input", fontsize=11)
    ax.set_ylim(0, 1.18)
    ax.legend(fontsize=9, loc="upper center", ncols=len(names))


def draw_errors(ax, results, names):
    """Draw for every 100 objects how many are found, and how many errors of each kind there are.

    A bar that is longer than all objects is cut off at its end, and its number says how long it is: the others would be
    too short to compare.
    """
    kinds = ("correct", *ERROR_TYPES)
    places, height = np.arange(len(kinds))[::-1], 0.84 / len(names)
    for i, name in enumerate(names):
        runs = [run["errors"] for run in runs_of(results, name)]
        shares = [mean(100 * run[kind] / run["objects"] for run in runs) for kind in kinds]
        offsets = places - (i - (len(names) - 1) / 2) * height
        ax.barh(offsets, np.minimum(shares, LONGEST), height, color=COLORS[name], label=name)
        for y, share in zip(offsets, shares):
            words = f"{share:.1f}" if share <= LONGEST else f"to {share:.1f} \N{RIGHTWARDS ARROW}"
            ax.text(min(share, LONGEST) + 1, y, words, va="center", fontsize=9)
    ax.set_yticks(places, kinds)
    ax.set_xlim(0, 1.25 * LONGEST)
    ax.set_title("for every 100 objects: found, and the errors", fontsize=11)


def draw_times(ax, results, names):
    """Draw the milliseconds of one image, stacked by stage."""
    shades = 1.0, 0.72, 0.5, 0.34, 0.2, 0.1  # one for each stage of the detector with the most
    rows = [(n, run["speed"]["milliseconds"]) for n in names for run in runs_of(results, n)[:1] if "speed" in run]
    longest = max((sum(stages.values()) for _, stages in rows), default=0.0)
    for y, (name, stages) in enumerate(reversed(rows)):
        left = 0.0
        for (stage, milliseconds), alpha in zip(stages.items(), shades):
            ax.barh(y, milliseconds, left=left, color=COLORS[name], alpha=alpha, edgecolor="white")
            if milliseconds > 0.09 * longest:  # a shorter bar has no room for words
                words, color = f"{stage}\n{milliseconds:.1f}", text_color(COLORS[name]) if alpha == 1 else "black"
                ax.text(left + milliseconds / 2, y, words, ha="center", va="center", fontsize=8, color=color)
            left += milliseconds
    ax.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
    ax.set_xlabel("milliseconds for one image")
    ax.set_title("where the time goes, batch 1", fontsize=11)
