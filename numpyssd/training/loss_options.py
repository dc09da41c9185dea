"""From the options of a recipe, which JSON can hold, to the arguments of ``multibox_loss``, some of them functions."""

from functools import partial

import numpy as np

from numpyssd.errors import InputError
from numpyssd.training.class_losses import focal_loss, smoothed_cross_entropy
from numpyssd.training.iou_loss import giou_loss_of_offsets

BOX_LOSSES = ("smooth_l1", "giou")


def loss_arguments(options: dict, default_boxes) -> dict:
    """Return the keyword arguments of multibox_loss for the options of a recipe; default_boxes: (K, 4).

    label_smoothing, focal_gamma: see class_losses; 0 is the paper's. With focal_gamma every default box is trained.
    box_loss: one of BOX_LOSSES. All others are arguments of multibox_loss already. Raises ValueError for another box
    loss, or for both losses of the classes at once.
    """
    arguments = dict(options)
    smoothing, gamma = arguments.pop("label_smoothing", 0), arguments.pop("focal_gamma", 0)
    box_loss = arguments.pop("box_loss", "smooth_l1")
    if smoothing and gamma:
        raise ValueError("label_smoothing and focal_gamma are two losses for the classes: take one of them")
    if box_loss not in BOX_LOSSES:
        raise ValueError(f"box_loss must be one of {', '.join(BOX_LOSSES)}, not {box_loss!r}")
    if smoothing:
        arguments["class_loss"] = partial(smoothed_cross_entropy, smoothing=smoothing)
    if gamma:
        arguments["class_loss"] = partial(focal_loss, gamma=gamma)
        arguments |= {"negative_ratio": np.inf, "min_negatives": len(default_boxes)}
    if box_loss == "giou":

        def giou(loc, loc_targets, default_box):
            return giou_loss_of_offsets(loc, loc_targets, default_boxes[default_box])

        arguments["box_loss"] = giou
    return arguments


def refuse_other_losses(arguments: dict):
    """Raise InputError if arguments of multibox_loss name another loss than the paper's, which alone a GPU has."""
    if "class_loss" in arguments or "box_loss" in arguments:
        raise InputError(
            "the GPU has the paper's loss alone; leave out --label-smoothing, --focal-loss and --box-loss, "
            "or train with --backend cpu"
        )
