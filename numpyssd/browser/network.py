"""A model as a description for JavaScript (js/network/ssd.js): its layers in order, and its weights beside it.

Batch normalization is folded into the convolutions, so that the page knows none.
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from numpyssd import kernels
from numpyssd.browser.packing import pack
from numpyssd.errors import InputError
from numpyssd.layers import Conv2d, ConvBlock, MaxPool2d, Sequential

FORMAT = 1  # of the description


def describe(model, weights_file: Path | str, storage="float16") -> tuple[dict, bytes]:
    """Return the description of an SSD, a dictionary for JSON, and its packed weights.

    weights_file: where they came from; only its last part is kept. storage: see ``packing.pack``. Raises InputError
    for weights that are not finite, and NotImplementedError, naming it, for a layer that JavaScript has not.
    """
    config, predictors, tensors = model.config, model.predictors, {}
    stages = [
        {"feature_map": row.name, "steps": [step for part in stage.parts for step in _steps(part, tensors)]}
        for row, stage in zip(config.feature_maps, model.stages)
    ]
    tensors["conv4_3_norm.scale"] = predictors.norm.scale.value
    heads = [
        {"loc": _conv2d(loc, tensors), "conf": _conv2d(conf, tensors), "boxes_per_cell": row.boxes_per_cell}
        for row, loc, conf in zip(config.feature_maps, predictors.loc, predictors.conf)
    ]
    entries, content = pack(_finite(tensors, weights_file), storage)
    thresholds = model.score_thresholds
    description = {
        "format": FORMAT,
        "name": config.name,
        "config": asdict(config),
        "class_names": list(model.class_names),
        "score_thresholds": None if thresholds is None else list(thresholds),
        "weights_file": Path(weights_file).name,
        "stages": stages,
        "norm": {"name": predictors.norm.name, "scale": "conv4_3_norm.scale"},
        "predictors": heads,
        "tensors": entries,
    }
    return description, content


def _steps(part, tensors):
    """Return the steps of a layer, and put its weights into tensors."""
    if isinstance(part, ConvBlock):
        pool = [_maxpool2d(part.pool)] if part.pool else []
        return [_folded(part, tensors) if part.norm else _conv2d(part.conv, tensors), *pool]
    if isinstance(part, Sequential):
        return [step for inner in part.parts for step in _steps(inner, tensors)]
    if isinstance(part, Conv2d):
        return [_conv2d(part, tensors)]
    if isinstance(part, MaxPool2d):
        return [_maxpool2d(part)]
    raise NotImplementedError(f"{part.name} ({type(part).__name__}) has no counterpart in js/network")


def _folded(block, tensors):
    """Return the step of a convolution whose batch normalization has become a factor and an offset of its channels."""
    conv, norm = block.conv, block.norm
    with np.errstate(invalid="ignore", over="ignore"):  # the caller looks for what is not finite
        factor, bias = map(kernels.active.to_host, norm.fold(conv.bias.value))  # (out,) each
        return _convolution(conv, conv.weight.value * factor, bias, norm.relu, tensors)


def _conv2d(layer, tensors):
    bias = np.zeros(layer.weight.value.shape[3], np.float32) if layer.bias is None else layer.bias.value
    return _convolution(layer, layer.weight.value, bias, layer.relu, tensors)


def _convolution(layer, weight, bias, relu, tensors):
    names = {"weight": f"{layer.name}.weight", "bias": f"{layer.name}.bias"}
    tensors[names["weight"]], tensors[names["bias"]] = weight, bias
    geometry = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    return {"op": "conv2d", "name": layer.name, **geometry, "relu": relu, **names}


def _maxpool2d(layer):
    geometry = {"size": layer.size, "stride": layer.stride, "padding": layer.padding, "ceil_mode": layer.ceil_mode}
    return {"op": "maxpool2d", "name": layer.name, **geometry}


def _finite(tensors, weights_file):
    for name, values in tensors.items():
        if not np.isfinite(values).all():
            raise InputError(f"{weights_file} makes {name} not finite; take an earlier checkpoint")
    return tensors
