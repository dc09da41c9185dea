"""Models with random weights, of configs that are like no preset."""

from dataclasses import replace

import numpy as np

from numpyssd.model.ssd import SSD
from tests.small import SMALL

# Everything in which a config can differ from the presets.
OTHER = replace(
    SMALL, whole_pixels=False, center_rule="cell", clip_mode="corners", clip_before_nms=True, size_limit=2.0,
    mean=(127.0, 127.0, 127.0), pixel_scale=1 / 128, resize="opencv", batch_norm=True, conv6_dilation=3,
)  # fmt: skip


def random_model(config, seed=0):
    """Return a model whose detections are many and of all classes, and whose normalizations do something."""
    model, rng = SSD(config, seed), np.random.default_rng(seed)
    for layer, key in model.running_statistics().values():
        values = rng.normal(0, 0.1, layer.running[key].shape)
        layer.running[key] = (1 + values if key == "variance" else values).astype(np.float32)
    for name, parameter in model.parameters().items():
        if name.endswith((".bias", ".shift")):
            parameter.value[...] = rng.normal(0, 0.1, parameter.value.shape)
        if name.startswith("conf."):
            parameter.value *= 12 if config.predictor_init_scale < 1 else 1
    model.class_names = tuple(f"class {i}" for i in range(1, config.num_classes))
    return model
