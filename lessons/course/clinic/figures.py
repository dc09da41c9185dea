"""The sheets of lesson 17: the same view of all eight runs, a letter for each, side by side."""

import numpy as np

from lessons.course.clinic.records import LETTERS
from numpyssd.drawing import draw_boxes, draw_image
from numpyssd.reports.compared_curves import draw_losses_over, draw_maps_over
from numpyssd.reports.gradient_figure import draw_ratios
from numpyssd.run.gradient_report import HEALTHY

HIGHEST, LOWEST = 400, 0.5  # of the axis of the losses, the same in all


def draw_loss_sheet(axes, runs):
    """Draw conf and loc of each run over those of the healthy one (gray); axes: eight, in two rows."""
    for ax, letter, _ in _each(axes, runs):
        draw_loss_of(ax, runs, letter)
        if letter != "A":
            ax.get_legend().remove()
    _label(axes, "loss")


def draw_loss_of(ax, runs, letter):
    """Draw conf and loc of one run over those of the healthy one (gray)."""
    draw_losses_over(ax, runs[LETTERS[letter]], runs["healthy"])
    ax.set_ylim(LOWEST, HIGHEST)
    ax.set_title(letter, fontsize=11, loc="left", fontweight="bold")
    ax.legend(fontsize=8, loc="upper right")


def draw_map_sheet(axes, runs):
    """Draw the validation mAP of each run over that of the healthy one (gray)."""
    for ax, letter, record in _each(axes, runs):
        draw_maps_over(ax, record["maps"], runs["healthy"]["maps"])
        ax.set_title(letter, fontsize=11, loc="left", fontweight="bold")
    _label(axes, "validation mAP")


def draw_step_sheet(axes, runs):
    """Draw the steps by weight of each layer (row) at some iterations (column), by those of the healthy run.

    White is as in the healthy run, red is larger, blue smaller, and black is after the end of a run.
    """
    iterations, usual = zip(*runs["healthy"]["steps"])
    usual = np.array(usual, float).T  # (layers, iterations)
    for ax, letter, record in _each(axes, runs):
        own = np.full_like(usual, np.nan)
        own[:, : len(record["steps"])] = np.array([ratios for _, ratios in record["steps"]], float).T
        draw_ratios(ax, iterations, record["layers"], HEALTHY * own / usual)
        ax.set_facecolor("black")
        ax.set_title(letter, fontsize=11, loc="left", fontweight="bold")
        ax.set_title("", loc="center")
        ax.set_xlabel("")
        ax.set_yticks([])
    _label(axes, "layers, the first on top")


def draw_detection_sheet(axes, runs, dataset, image=1):
    """Draw what each run shows of one validation image (orange), and the truth (green): nine axes, healthy first.

    image: one where the names of the boxes do not cover each other, and the healthy run is right.
    """
    pixels, objects = dataset[image][:2]
    first, *others = np.ravel(axes)
    for ax, letter, record in ((first, "healthy", runs["healthy"]), *_each(others, runs)):
        draw_image(ax, pixels)
        if record["stopped"]:
            ax.set_title(f"{letter}: it stopped", fontsize=9, loc="left")
            continue
        boxes, labels, _ = record["shown"][image]
        draw_boxes(ax, objects, "ground truth", linewidth=1.2)
        names = [dataset.class_names[label - 1] for label in labels]
        draw_boxes(ax, boxes, "prediction", names, linewidth=1.2)
        count = f"{len(boxes) or 'no'} box{'es' * (len(boxes) != 1)}"
        ax.set_title(f"{letter}: {count}", fontsize=9, loc="left")


def _each(axes, runs):
    for ax, (letter, name) in zip(np.ravel(axes), LETTERS.items()):
        yield ax, letter, runs[name]


def _label(axes, name):
    """Write the name of the y axis on the left and that of the x axis below."""
    for number, ax in enumerate(axes):
        if number % 4 == 0:
            ax.set_ylabel(name)
        elif len(ax.get_yticklabels()):
            ax.tick_params(labelleft=False)
        if number >= len(axes) - 4:
            ax.set_xlabel("iteration")
