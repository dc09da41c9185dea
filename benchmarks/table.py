"""What both benchmarks make of their times: rows, a Markdown table, a figure, and the files."""

import json
from statistics import median

from numpyssd.drawing import COLORS, new_figure, save_figure

OURS = "numpyssd"


def rows(seconds, memory, errors, gflop):
    """Return a dictionary for each peer, the fastest first.

    seconds: {name: seconds of each round}; memory: {name: bytes}; errors: {name: largest difference from numpyssd};
    gflop: of one run. ``ratio`` is the median over that of the fastest.
    """
    fastest = min(median(values) for values in seconds.values())
    found = [
        {
            "peer": name,
            "median": median(values),
            "min": min(values),
            "max": max(values),
            "ratio": median(values) / fastest,
            "gflops": gflop / median(values),
            "memory": memory[name],
            "difference": errors[name],
            "seconds": values,
        }
        for name, values in seconds.items()
    ]
    return sorted(found, key=lambda row: row["median"])


def heading(results):
    """Return what was compared, and where, as two lines, and the notes."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = " ".join(word for word in (machine["processor"], machine["vectors"]) if word)
    threads = f"{results['threads']} thread" + "s" * (results["threads"] != 1)
    work = f"{results['gflop_per_picture']:.1f} GFLOP an image"
    what = f"{results['title']}, float32, {threads}, {work}, median of {results['rounds']} rounds"
    return "\n".join([what, f"{where}; {versions}", *results["notes"]])


def markdown(batch):
    """Return the table of one batch size, with what was left out below it."""
    columns = ("", "median s", "min", "max", "times the fastest", "GFLOP/s", "peak MiB", "differs by")
    lines = [
        f"Batch {batch['batch_size']}; NumPy's BLAS multiplies matrices at {batch['sgemm_gflops']:.0f} GFLOP/s.",
        "",
        "| " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * (len(columns) - 1),
    ]
    for row in batch["rows"]:
        name = f"**{row['peer']}**" if row["peer"] == OURS else row["peer"]
        times = " | ".join(f"{row[key]:.3f}" for key in ("median", "min", "max"))
        differs = "" if row["peer"] == OURS else f"{row['difference']:.0e}"
        rest = f"{row['ratio']:.2f} | {row['gflops']:.0f} | {row['memory'] / 2**20:.0f} | {differs}"
        lines.append(f"| {name} | {times} | {rest} |")
    lines += [f"\n{name} is left out: {reason}" for name, reason in batch["left_out"].items()]
    return "\n".join(lines) + "\n"


def save(results, folder, name):
    """Write name.json (all of it), name.md and name.png into the folder, and say so."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = "\n".join([*(line + "\n" for line in heading(results).split("\n")), *map(markdown, results["batches"])])
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    batches = results["batches"]
    figure, axes = new_figure(len(batches), 1, size=(9, 1.4 + sum(0.5 + 0.42 * len(b["rows"]) for b in batches)))
    for ax, batch in zip(axes if len(batches) > 1 else [axes], batches):
        draw_times(ax, batch)
    threads = f"{results['threads']} thread" + "s" * (results["threads"] != 1)
    figure.suptitle(f"{results['title']}: float32, {threads}, {results['machine']['processor']}", fontsize=12)
    figure.supxlabel(f"seconds, shorter is better; the line runs from the fastest to the slowest of {results['rounds']}"
                     " rounds", fontsize=9)  # fmt: skip
    save_figure(figure, folder / f"{name}.png")
    print(f"written: {folder}/{name}.json, .md and .png")


# ---------------------------------------------------------------------------------------------------------------------


def draw_times(ax, batch):
    """Draw a bar for the median of each peer, the fastest on top, with its ratio to the fastest."""
    found = batch["rows"]
    places = range(len(found))
    medians = [row["median"] for row in found]
    colors = [COLORS["prediction" if row["peer"] == OURS else "default box"] for row in found]
    ax.barh(places, medians, color=colors, alpha=0.85, height=0.72)
    ax.hlines(places, [row["min"] for row in found], [row["max"] for row in found], color="black", linewidth=1.2)
    for place, row in zip(places, found):
        ours = {"weight": "bold"} if row["peer"] == OURS else {}
        end = max(row["median"], row["max"])
        ratio = "fastest" if row["ratio"] == 1 else f"{row['ratio']:.2f} x"
        note = f"{row['median']:.3g} s, {ratio}"
        ax.annotate(note, (end, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=10, **ours)
    ax.set_yticks(places, [row["peer"] for row in found])
    for label, row in zip(ax.get_yticklabels(), found):
        label.set_fontweight("bold" if row["peer"] == OURS else "normal")
    ax.invert_yaxis()
    ax.set_xlim(0, 1.25 * max(row["max"] for row in found))
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_title(f"batch {batch['batch_size']}", loc="left", fontsize=11)
