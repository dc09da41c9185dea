"""What benchmarks/small_sets.py compares: the weights to start from, and fields of ``compact``'s recipe."""

from numpyssd.run.recipes import RECIPES

MILD = RECIPES["compact"].augmentation
FLIPS = {**MILD, "distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0}

# Until training began with a base: a lower rate without clipping, and 100 passes however few the images are.
FORMER_RATE = {"lr": 0.008, "clip_gradient": None}
FORMER = {**FORMER_RATE, "iterations": None, "epochs": 100}

VARIANTS = {
    "as --data trains": {},
    "from random weights": {"weights": None},
    "from random weights, former rate": {"weights": None, "recipe": FORMER_RATE},
    "as it trained before: 100 epochs": {"weights": None, "recipe": FORMER},
    "micro-batches of 4": {"recipe": {"micro_batch": 4}},
    "average of the weights": {"recipe": {"ema": 0.99}},
    "20 negatives an image": {"recipe": {"loss": {"min_negatives": 20}}},
    "mosaic": {"recipe": {"augmentation": {**MILD, "mosaic_probability": 0.3}}},
    "copied objects": {"recipe": {"augmentation": {**MILD, "copy_probability": 0.5}}},
    "only flips": {"recipe": {"augmentation": FLIPS}},
    "label smoothing": {"recipe": {"loss": {"label_smoothing": 0.1}}},
    "overlap loss": {"recipe": {"loss": {"box_loss": "giou"}}},
}
