"""The results as tables in Markdown: accuracy, kinds of errors, and time."""

from statistics import mean, stdev

from benchmarks.rivals.measuring import SIZES
from benchmarks.rivals.rows import ROWS
from numpyssd.inference.error_split import ERROR_TYPES


def markdown(results) -> str:
    """Return all tables."""
    names = [name for name in ROWS if runs_of(results, name)]
    parts = [accuracy(results, names), errors(results, names), speed(results, names)] if names else []
    return "\n\n".join([search(results), *parts]) + "\n"


def runs_of(results, name):
    """Return the figures of a row, one for each seed."""
    return [run for key, run in results["runs"].items() if key.rpartition("|")[0] == name]


def accuracy(results, names) -> str:
    """Return mAP, each class's AP, and AP at IoU 0.5 by size: mean and standard deviation over the seeds."""
    first = runs_of(results, names[0])[0]
    classes = list(first["per_class"])
    sizes = [size for size in SIZES if first["AP50_by_size"][size] is not None]
    length = f"{results['minutes']:g} minutes" if results["minutes"] else f"{results['epochs']} epochs"
    heads = ["mAP", "COCO's", *classes, *sizes, "rate", "training (min)"]
    lines = [f"| {length} | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for name in names:
        runs = runs_of(results, name)
        cells = [spread([run["mAP"] for run in runs]), spread([run["coco"] for run in runs])]
        cells += [spread([run["per_class"][c] for run in runs]) for c in classes]
        cells += [spread([run["AP50_by_size"][size] for run in runs]) for size in sizes]
        times = [run["seconds"] / 60 for run in runs if "seconds" in run]  # none where the machine was not quiet
        cells += [f"{runs[0]['lr']:g}", f"{mean(times):.1f}" if times else ""]
        lines.append(f"| {name} ({len(runs)}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def errors(results, names) -> str:
    """Return the kinds of errors, in percent of the objects."""
    heads = ["found", *ERROR_TYPES]
    lines = [f"| for every 100 objects | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for name in names:
        runs = [run["errors"] for run in runs_of(results, name)]
        shares = [mean(100 * run[kind] / run["objects"] for run in runs) for kind in ("correct", *ERROR_TYPES)]
        lines.append(f"| {name} | {' | '.join(f'{share:.1f}' for share in shares)} |")
    return "\n".join(lines)


def speed(results, names) -> str:
    """Return where the time of an image goes, and what a network costs."""
    rows = [(name, run["speed"]) for name in names for run in runs_of(results, name) if "speed" in run]
    rows += results.get("inputs", {}).items()
    if not rows:
        return ""
    stages = list(dict.fromkeys(stage for _, row in rows for stage in row["milliseconds"]))
    heads = [*(f"{stage} (ms)" for stage in stages), "images/s, batch 1", "batch 8", "GMAC", "M parameters", "MiB"]
    lines = [f"| detection | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for name, row in rows:
        cells = [f"{row['milliseconds'][s]:.1f}" if s in row["milliseconds"] else "" for s in stages]
        cells += [f"{row['images_per_second'][batch]:.0f}" for batch in ("1", "8")]
        cells += [f"{row['multiply_adds'] / 1e9:.2f}", f"{row['parameters'] / 1e6:.2f}"]
        cells.append(f"{row['peak_MiB']:.0f}" if row["peak_MiB"] else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def search(results) -> str:
    """Return the search of the learning rates: mAP on val."""
    rates = list(dict.fromkeys(rate for found in results["search"].values() for rate in found))
    lines = [f"| rate, mAP on val | {' | '.join(rates)} |", "| --- |" + " ---: |" * len(rates)]
    for name, found in results["search"].items():
        lines.append(f"| {name} | {' | '.join(f'{found[r]:.3f}' if r in found else '' for r in rates)} |")
    return "\n".join(lines)


def spread(values) -> str:
    """Return mean and standard deviation as text."""
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")
