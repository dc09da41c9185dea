"""What training can do beside the paper: an option for each, off in the paper's presets.

One row of VARIANTS says where the value of an option goes in a recipe, so that the command line, config.json and
--resume know the same options.
"""

import argparse
from dataclasses import replace
from typing import NamedTuple

from numpyssd.config import Config
from numpyssd.errors import InputError
from numpyssd.run.recipes import Recipe
from numpyssd.training.loss_options import BOX_LOSSES


class Variant(NamedTuple):
    """An option that is a number: where it goes, and what it may be. 0 leaves it out."""

    part: str  # of the recipe; "" for a field of its own
    key: str
    kind: type
    most: float
    help: str
    least: float = 0


VARIANTS = {
    "ema": Variant(
        "", "ema", float, 0.99999, "evaluate and keep a moving average of the weights; its decay, e.g. 0.998"
    ),
    "min_negatives": Variant(
        "loss",
        "min_negatives",
        int,
        1_000_000,
        "hard negatives of an image at least, so that images without objects teach",
    ),
    "mosaic": Variant("augmentation", "mosaic_probability", float, 1, "probability of a mosaic of four images"),
    "copy_objects": Variant(
        "augmentation", "copy_probability", float, 1, "probability of objects copied from another image"
    ),
    "label_smoothing": Variant(
        "loss", "label_smoothing", float, 0.99, "spread so much of a label over all classes, e.g. 0.1"
    ),
    "focal_loss": Variant(
        "loss", "focal_gamma", float, 10, "focal loss instead of hard negatives; its gamma, e.g. 2", 1
    ),
}
NAMES = (*VARIANTS, "box_loss")


def add_options(parser):
    """Add an option for each to a parser."""
    add = parser.add_argument_group("beside the paper", "0 leaves out what a preset has").add_argument
    for name, variant in VARIANTS.items():
        add(_option(name), type=_number(variant), metavar="N" if variant.kind is int else "X", help=variant.help)
    add("--box-loss", choices=BOX_LOSSES, help="of the offsets, as in the paper, or of the overlap of box and object")


def with_variants(recipe: Recipe, options) -> Recipe:
    """Return the recipe with the options that were given (not None) put in. Raises InputError for two that exclude."""
    for name in NAMES:
        value = getattr(options, name, None)
        if value is None:
            continue
        part, key = ("loss", name) if name == "box_loss" else VARIANTS[name][:2]
        if part == "loss" and options.detector != Config.detector and value not in (0, BOX_LOSSES[0]):
            raise InputError(
                f"{_option(name)} changes the loss of SSD; leave it out with --detector {options.detector}"
            )
        if not part:
            recipe = replace(recipe, **{key: value})  # type: ignore[arg-type]
            continue
        others = {k: v for k, v in getattr(recipe, part).items() if k != key}
        others = others if value in (0, BOX_LOSSES[0]) else {**others, key: value}
        recipe = replace(recipe, **{part: others})  # type: ignore[arg-type]
    if recipe.loss.get("label_smoothing") and recipe.loss.get("focal_gamma"):
        raise InputError("--label-smoothing and --focal-loss are two losses for the classes; take one of them")
    return recipe


def remembered(recipe: dict) -> dict:
    """Return the options by name for the recipe in a config.json; what it does not have is off."""
    found = {"box_loss": _part(recipe, "loss").get("box_loss", BOX_LOSSES[0])}
    return found | {name: _part(recipe, row.part).get(row.key, row.kind(0)) for name, row in VARIANTS.items()}


def fits(name: str, value) -> bool:
    """Return whether a value of a config.json, which anybody may have edited, is one that its option could have."""
    if name == "box_loss":
        return value in BOX_LOSSES
    row = VARIANTS[name]
    kinds = (int,) if row.kind is int else (int, float)
    return type(value) in kinds and (value == 0 or row.least <= value <= row.most)


def _part(recipe, part):
    found = recipe.get(part) if part else recipe
    return found if isinstance(found, dict) else {}


def _option(name):
    return f"--{name.replace('_', '-')}"


def _number(row):
    def number(text):
        try:
            value = row.kind(text)
        except ValueError:
            value = -1
        if not (value == 0 or row.least <= value <= row.most):
            whole = "a whole number" if row.kind is int else "a number"
            limits = f"from {row.least:g} to {row.most:g}" + (", or 0" if row.least else "")
            raise argparse.ArgumentTypeError(f"must be {whole} {limits}, not {text!r}")
        return value

    return number
