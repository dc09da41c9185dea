"""The network of my_ssd.py, made of numpyssd's own layers, and weights that are the same in both."""

from dataclasses import replace

import numpy as np

from lessons.own_ssd.my_ssd import CLASSES, LAYERS, MAPS, SIZE
from numpyssd.config import TINY, FeatureMap
from numpyssd.layers import BatchNorm, Conv2d, MaxPool2d, Sequential
from numpyssd.model.ssd import SSD

CONFIG = replace(
    TINY, name="my_ssd", image_size=SIZE, num_classes=CLASSES, extra_layers=(),
    feature_maps=tuple(FeatureMap(f"map {number}", *row) for number, row in enumerate(MAPS)),
)  # fmt: skip


def base(config, rng):
    """Return a stage for each feature map, and the channels of each."""
    stages, layers, channels, of_maps = [], [], 3, []
    for name, pool, kernel, padding, count, is_map in LAYERS:
        if pool:
            layers.append(MaxPool2d(f"pool before {name}", size=2, stride=2))
        layers.append(Conv2d(name, rng, channels, count, kernel, padding=padding, bias=False))
        layers.append(BatchNorm(f"{name}_bn", count, relu=True))
        channels = count
        if is_map:
            stages.append(Sequential(layers))
            of_maps.append(channels)
            layers = []
    return stages, of_maps


def network(seed=0):
    """Return numpyssd's network with weights in which no mistake hides: no bias is 0, no scale 1."""
    model, rng = SSD(CONFIG, seed, base), np.random.default_rng(seed)
    for name, parameter in model.parameters().items():
        spread = 0.5 if "_bn." in name or name.endswith(".bias") else 0
        noise = rng.normal(0, 1, parameter.value.shape)
        parameter.value = (parameter.value * rng.uniform(0.8, 1.2) + spread * noise).astype(np.float32)
    scale = model.predictors.norm.scale
    scale.value = rng.uniform(5, 15, scale.value.shape).astype(np.float32)
    for layer, key in model.running_statistics().values():
        shape = layer.running[key].shape
        value = rng.uniform(20, 60, shape) if key == "variance" else rng.normal(0, 5, shape)
        layer.running[key] = value.astype(np.float32)
    return model


def own_name(name):
    """Return the name that a weight has in my_ssd.py."""
    return name.replace("conv4_3_norm", "norm")


def weights_of(model):
    """Return copies of the weights and averages of a network, as my_ssd.py names them."""
    weights = {own_name(name): parameter.value.copy() for name, parameter in model.parameters().items()}
    averages = {name: layer.running[key].copy() for name, (layer, key) in model.running_statistics().items()}
    return weights, averages


def gradients_of(model):
    """Return copies of the gradients of a network, as my_ssd.py names its weights."""
    return {own_name(name): parameter.grad.copy() for name, parameter in model.parameters().items()}
