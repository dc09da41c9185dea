"""What augmentation does over many draws: how often each sampler finds a crop, and how large, how wide and where.

Numbers to compare with another implementation: most ports differ from Caffe in one of them.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.boxes import iou
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop_candidates
from numpyssd.training.augmentation.geometry import zoom_out
from numpyssd.training.augmentation.photometric import random_amounts

SAMPLERS = ("whole image", *(f"IoU at least {m}" for m in MIN_IOUS), "any crop")


class Statistics(NamedTuple):
    """What D draws found; rows of (D, 7) arrays hold the crop of each sampler, whether it was accepted or not."""

    zoom: np.ndarray  # (D,) side of the view, in sides of the image; 1 without zoom-out
    accepted: np.ndarray  # (D, 7) bool: the sampler found a crop
    chosen: np.ndarray  # (D,) the sampler whose crop was taken
    sides: np.ndarray  # (D, 7, 2) of the crop, in sides of the view
    corners: np.ndarray  # (D, 7, 2) likewise, of its upper left corner
    best_iou: np.ndarray  # (D, 7) with the object that it fits best
    objects: np.ndarray  # (D, 7) whose center is in it
    amounts: list  # of D dictionaries: the changes of color

    @property
    def scale(self):
        """Side of the square with the crop's area, (D, 7), in [0.3, 1] of the view."""
        return np.sqrt(self.sides.prod(axis=2))

    @property
    def ratio(self):
        """Width over height, (D, 7), each in sides of the view."""
        return self.sides[..., 0] / self.sides[..., 1]


def statistics(width, height, boxes, rng, draws=10_000, zoom_out_probability=0.5, **options):
    """Draw zoom-out, crop and colors for an image of width x height pixels with boxes (M, 4) xyxy, ``draws`` times.

    options go to crop_candidates. Returns Statistics.
    """
    views, crops, accepted, chosen, amounts = [], [], [], [], []
    for _ in range(draws):
        view = zoom_out(width, height, rng, probability=zoom_out_probability)
        candidates, succeeded = crop_candidates(view, boxes, rng, **options)
        views.append(view)
        crops.append(candidates)
        accepted.append(succeeded)
        chosen.append(rng.choice(np.flatnonzero(succeeded)))  # as ``crop`` does
        amounts.append(random_amounts(rng))
    views, crops, boxes = np.array(views), np.array(crops), np.asarray(boxes, dtype=float)  # (D, 4), (D, 7, 4)
    extent = (views[:, 2:] - views[:, :2])[:, None]  # (D, 1, 2)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2  # (M, 2)
    inside = (centers >= crops[:, :, None, :2]) & (centers <= crops[:, :, None, 2:])  # (D, 7, M, 2)
    return Statistics(
        zoom=extent[:, 0, 0] / width,
        accepted=np.array(accepted),
        chosen=np.array(chosen),
        sides=(crops[..., 2:] - crops[..., :2]) / extent,
        corners=(crops[..., :2] - views[:, None, :2]) / extent,
        best_iou=iou(crops.reshape(-1, 4), boxes).max(axis=1, initial=0.0).reshape(crops.shape[:2]),
        objects=inside.all(axis=3).sum(axis=2),
        amounts=amounts,
    )


def table(found):
    """Return the statistics as text: a line for each sampler, for zoom-out and for each change of color."""
    draws, scale, ratio = len(found.zoom), found.scale, found.ratio
    lines = [
        f"{draws} draws; scale, ratio and IoU are medians with the range of nine in ten",
        f"{'sampler':<16} finds one   taken  {'scale':^20}{'width / height':^20}{'best IoU':^20} without an object",
    ]
    for i, name in enumerate(SAMPLERS):
        rows = found.accepted[:, i]
        text = f"{name:<16} {rows.mean():8.1%} {(found.chosen == i).mean():7.1%} "
        if rows.any():
            for values in (scale, ratio, found.best_iou):
                low, middle, high = np.quantile(values[rows, i], (0.05, 0.5, 0.95))
                text += f" {middle:5.2f} ({low:4.2f} to {high:4.2f})"
            text += f" {(found.objects[rows, i] == 0).mean():10.1%}"
        lines.append(text)
    taken = found.objects[np.arange(draws), found.chosen]
    lines.append(f"samples without an object: {(taken == 0).mean():.1%}")
    zoomed = found.zoom[found.zoom > 1]
    if len(zoomed):
        lines.append(
            f"zoom-out: {len(zoomed) / draws:.1%}, {zoomed.min():.2f} to {zoomed.max():.2f} times the side, "
            f"{zoomed.mean():.2f} on average"
        )
    for name in ("brightness", "contrast", "saturation", "hue"):
        values = [amounts[name] for amounts in found.amounts if name in amounts]
        lines.append(f"{name}: {len(values) / draws:.1%}, {min(values):.2f} to {max(values):.2f}")
    last = np.mean([amounts["contrast_last"] for amounts in found.amounts])
    return "\n".join([*lines, f"contrast after saturation and hue: {last:.1%}"])


# ----------------------------------------------------------------------------------------------------------------------


def draw_statistics(axes, found):
    """Draw the histograms of what was found on six axes, a color for each sampler."""
    from matplotlib import colormaps

    rates, scales, ratios, areas, ious, zooms = axes
    colors = ["black", *colormaps["plasma"](np.linspace(0.0, 0.88, len(MIN_IOUS))), "#4C9F70"]
    places = np.arange(len(SAMPLERS))
    rates.barh(places - 0.2, found.accepted.mean(axis=0), 0.4, color=colors)
    rates.barh(places + 0.2, [(found.chosen == i).mean() for i in places], 0.4, color=colors, alpha=0.4)
    rates.set_yticks(places, SAMPLERS)
    rates.invert_yaxis()
    rates.set(xlabel="fraction of all draws", xlim=(0, 1), title="A sampler finds a crop, and is taken (pale)")
    panels = (
        (scales, found.scale, np.linspace(0.3, 1, 36), "scale of the crop", "Small crops fit small objects"),
        (ratios, found.ratio, np.linspace(0.5, 2, 46), "width / height", "Large crops are nearer to 1"),
        (areas, found.scale**2, np.linspace(0.09, 1, 36), "fraction of the view's area", "The area: from 0.09 up"),
        (ious, found.best_iou, np.linspace(0, 1, 51), "IoU with the best object", "Every sampler keeps its condition"),
    )
    for ax, values, bins, label, title in panels:
        for i in places[1:]:
            if found.accepted[:, i].any():
                kept = values[found.accepted[:, i], i]
                ax.hist(kept, bins, histtype="step", color=colors[i], linewidth=1.6)
                if ax is ious and i <= len(MIN_IOUS):
                    ax.axvline(MIN_IOUS[i - 1], color=colors[i], linewidth=0.8, linestyle=":")
        ax.set(xlabel=label, ylabel="accepted crops", title=title, xlim=(bins[0], bins[-1]))
    zooms.hist(found.zoom[found.zoom > 1], np.linspace(1, 4, 31), color="#8A8A8A")
    fraction = (found.zoom > 1).mean()
    zooms.set(xlabel="times the side", ylabel="draws", title=f"Zoom-out: {fraction:.0%} of the draws, the side uniform")
    for ax in axes[1:]:
        ax.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import figure_command

    def draw(axes):
        """Print the table and draw the figure of the built-in example."""
        image, boxes = example()[:2]
        found = statistics(image.shape[1], image.shape[0], boxes, np.random.default_rng(0))
        print(table(found))
        draw_statistics(axes, found)

    figure_command("augmentation_statistics", draw, rows=2, columns=3, size=(13, 7.5))
