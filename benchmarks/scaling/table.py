"""The tables of benchmarks/scaling."""

from statistics import median

from benchmarks.scaling.model import Parts, predicted, sum_between

IMAGES_OF_VOC = 3.84e6  # that the published training on VOC2007 and VOC2012 sees: 120,000 batches of 32
NETWORKS = (1, 10, 100)  # Gb/s


def markdown(results: dict, parts: dict[int, Parts]) -> str:
    """Return what was measured on the ranks of this machine, and what follows from it for more."""
    one, many = parts[1], parts[max(parts)]
    lines = [
        beside_markdown(results),
        "**Weak scaling: 4 images on each rank, which has one thread**",
        "",
        *_scaling(results["weak"]),
        "",
        f"**Strong scaling: {4 * results['cores']} images in a batch**",
        "",
        *_scaling(results["strong"]),
        "",
        "**Measured parts of a step**",
        "",
        "| threads | fixed s | s an image | gradient MB | sum of two ranks s |",
        "| ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {p.threads} | {p.fixed:.3f} | {p.per_image:.3f} | {p.bytes / 1e6:.0f} | {p.sum_of_two:.3f} |"
            for p in parts.values()
        ),
        "",
        f"**Predicted: 8 machines like this one, each a rank of {many.threads} threads**",
        "",
        *_predictions([(many, 8, 1, images, rate) for images in (4, 8, 16) for rate in NETWORKS]),
        "",
        "**Predicted: 64 ranks of one thread, 8 machines of 8 at 10 Gb/s**",
        "",
        *_predictions([(one, 8, 8, images, 10) for images in (1, 2, 4, 8)]),
    ]
    return "\n".join(lines) + "\n"


def beside_markdown(results: dict) -> str:
    """Return the steps of two ranks beside those of one process."""
    machine = results["machine"]
    lines = [
        f"{results['preset']} on {machine['processor']} ({machine['vectors']}), {results['cores']} cores; seconds, "
        "medians of steps in turns.",
        "",
        "**Two ranks beside one process with as many threads**",
        "",
        *_beside(results["beside"]),
    ]
    return "\n".join(lines) + "\n"


def _beside(some):
    lines = [
        "| ranks | threads of each | batch | parts | step s | min | max | beside one process |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in sorted(some, key=lambda row: (row["images"], row["ranks"], row["micro"])):
        micro = row["micro"] or row["images"] // row["ranks"]
        parts = -(-row["images"] // micro)
        alike = next(
            one for one in some
            if (one["ranks"], one["images"], one["micro"]) == (1, row["images"], micro if parts > 1 else 0)
        )  # fmt: skip
        more = f"{row['step'] / alike['step'] - 1:+.1%}" if row["ranks"] > 1 else ""
        times = " | ".join(f"{row[name]:.3f}" for name in ("step", "least", "most"))
        lines.append(f"| {row['ranks']} | {row['threads']} | {row['images']} | {parts} | {times} | {more} |")
    return lines


def _scaling(some):
    lines = [
        "| ranks | batch | step s | predicted | images/s | of ideal | sum s | MB sent by rank 0 | waited |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    first = some[0]
    for row in some:
        speed, alone = row["images"] / row["step"], first["images"] / first["step"]
        sent = sum(row["sent"].values()) / 1e6
        lines.append(
            f"| {row['ranks']} | {row['images']} | {row['step']:.3f} | {row['predicted']:.3f} | {speed:.2f} | "
            f"{speed / alone / row['ranks']:.0%} | {row['sum']:.3f} | {sent:.0f} | {row['waited'] / row['step']:.1%} |"
        )
    return lines


def _predictions(some):
    lines = [
        "| batch | images of a rank | Gb/s | step s | sum between machines s | images/s | of ideal | VOC07+12 |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for parts, machines, ranks, images, rate in some:
        found = predicted(parts, machines, ranks, images, rate)
        hours = IMAGES_OF_VOC / found.images_per_second / 3600
        took = f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.1f} days"
        times = f"{found.step:.2f} | {sum_between(parts, machines, rate):.2f} | {found.images_per_second:.1f}"
        lines.append(
            f"| {machines * ranks * images} | {images} | {rate:g} | {times} | {found.efficiency:.0%} | {took} |"
        )
    return lines


def network_markdown(results: dict) -> str:
    """Return the times of sums between imitated machines, beside those of the model."""
    gradient, machine = results["gradient"], results["machine"]
    lines = [
        f"The gradients of {results['preset']}, {gradient / 1e6:.0f} MB, added up between machines imitated on one "
        f"({machine['processor']}, {machine['vectors']}), delay of a card: {results['delay']}; medians.",
        "",
        "| Gb/s | machines | ranks of each | wire | sum s | min | max | model s | MB sent by a card |",
        "| ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in results["sums"]:
        size = gradient // (2 if row["wire"] == "bfloat16" else 1)
        model = sum_between(Parts(1, 0, 0, size, 0), row["machines"], row["gigabits"])
        times = " | ".join(f"{of(row['seconds']):.3f}" for of in (median, min, max))
        lines.append(
            f"| {row['gigabits']:g} | {row['machines']} | {row['ranks']} | {row['wire']} | {times} | {model:.3f} | "
            f"{row['sent'] / 1e6:.0f} |"
        )
    return "\n".join(lines) + "\n"
