"""Which YOLO, and how it is trained: fields of run.recipes.Recipe for each preset, with the reason beside each."""

from typing import Any

from numpyssd.rivals.yolo.config import YOLO_448, YOLO_COMPACT, YOLO_TINY, YOLOConfig
from numpyssd.training.augmentation.choices import FLIPS, MILD

PRESETS: dict[str, YOLOConfig] = {"compact": YOLO_COMPACT, "tiny": YOLO_TINY, "yolo448": YOLO_448}

# Batches and augmentation are those of SSD's presets of the same names: a comparison changes the detector alone.
RECIPES: dict[str, dict[str, Any]] = {
    # Longer than SSD's 1900: each cell has weights of its own in the last layer, and sees a sixteenth of the objects.
    # The rate of three that was best on the validation split after 800 iterations (mAP 0.23 with 0.0025, 0.27 with
    # 0.005, 0.22 with 0.01); 0.06 learns nothing, and clipped gradients did not help.
    "tiny": {
        "batch_size": 8,
        "lr": 0.005,
        "iterations": 5000,
        "warm_up": 50,
        "evaluations": 3,
        "augmentation": FLIPS,
    },
    # Of five rates from 0.004 to 0.064 the best on BCCD's validation split in a short run, with gradients clipped at 3
    # (docs/rivals.md); a run of this length has not been tried.
    "compact": {
        "batch_size": 8,
        "lr": 0.032,
        "clip_gradient": 3.0,
        "epochs": 100,
        "min_iterations": 5000,
        "augmentation": MILD,
    },
    # The paper (section 2.2): batches of 64, 135 epochs of VOC 2007 and 2012, the rate raised slowly to 1e-2 and then
    # dropped after 75 and 105 of them. Darknet's divisor, and half of its rate, because its gradient lacks a factor 2.
    # No pretrained weights are at hand, so nobody has tried this here.
    "yolo448": {
        "batch_size": 64,
        "micro_batch": 4,
        "lr": 0.005,
        "epochs": 135,
        "warm_up": 600,
        "schedule": "multistep",
        "drops": (75 / 135, 105 / 135),
        "loss": {"divisor": "images"},
        "augmentation": {"zoom_out_max": 1.25, "crop_min_scale": 0.64, "colors": "last", "hue_wraps": True},
    },
}
