"""The config in a file of weights, which may hold any values: checked before a network of it takes memory."""

from dataclasses import fields
from math import isfinite

from numpyssd.config import Config, ExtraLayer, FeatureMap, NetworkConfig
from numpyssd.model.geometry import predictors, trunk

MAX_IMAGE_SIZE = 4096  # pixels
MAX_BOXES = 2_000_000
RENAMED = {  # fields of a Config and of its rows: name in earlier files -> name now
    "centre_rule": "center_rule",
    "predictor_gain": "predictor_init_scale",
    "narrow": "bottleneck_channels",
    "wide": "output_channels",
}
CHOICES = {
    "resize": ("average", "opencv", "float"),
    "center_rule": ("step", "cell"),
    "clip_mode": ("none", "corners", "cxcywh", "size"),
}
INTEGERS = {  # minimum and maximum
    "image_size": (1, MAX_IMAGE_SIZE), "size": (1, MAX_IMAGE_SIZE), "num_classes": (2, 100_000),
    "bottleneck_channels": (1, 65536), "output_channels": (1, 65536), "kernel": (1, 15), "stride": (1, 15),
    "padding": (0, 15), "conv6_dilation": (1, 100),
}  # fmt: skip
POSITIVE = ("step", "scale_px", "next_scale_px", "width")
NUMBERS = ("norm_scale", "predictor_init_scale", "pixel_scale")


def config_from_dict(values: dict) -> Config:
    """Return the Config of a dictionary that ``dataclasses.asdict`` made.

    Raises ValueError if no network can be built of it, and whatever Python raises for values of other types.
    """
    values = network_fields(values)
    values["feature_maps"] = tuple(
        FeatureMap(**{**row, "aspect_ratios": tuple(row["aspect_ratios"])}) for row in values["feature_maps"]
    )
    values["extra_layers"] = tuple(ExtraLayer(**_renamed(row)) for row in values["extra_layers"])
    config = Config(**values)
    check_config(config)
    return config


def _renamed(values):
    return {RENAMED.get(name, name): value for name, value in values.items()}


def check_config(config: Config):
    """Raise ValueError, naming the field, unless a network can have every value of the config."""
    check_network(config)
    for row in (*config.feature_maps, *config.extra_layers):
        _check_fields(row)
    for row in config.feature_maps:
        if len(row.aspect_ratios) > 100 or not all(_is_number(ratio) and ratio > 0 for ratio in row.aspect_ratios):
            raise ValueError(f"aspect ratios of {row.name[:60]!r} that are none")
    if config.size_limit is not None and not (_is_number(config.size_limit) and config.size_limit > 0):
        raise ValueError("size_limit is no number")
    if sum(row.size**2 * row.boxes_per_cell for row in config.feature_maps) > MAX_BOXES:
        raise ValueError(f"more than {MAX_BOXES} default boxes")
    weight_shapes(config)


def check_network(config: NetworkConfig):
    """Raise ValueError, naming the field, unless the network of any detector can have these values."""
    _check_fields(config)
    blocks, strides = config.base_blocks, config.pool_strides
    if len(blocks) != 5 or not all(blocks) or len(config.base_tail) != 2 or len(strides) != 4:
        raise ValueError("a base network of another number of blocks")
    for channels in (*config.base_tail, *(channels for block in blocks for channels in block)):
        _check_whole("channels", channels, 1, 65536)
    for stride in strides:
        _check_whole("pool_strides", stride, 1, 15)
    if len(config.mean) != 3 or not all(map(_is_number, config.mean)):
        raise ValueError("a mean that is not three numbers")
    if config.width > 64:
        raise ValueError("width is more than 64")


def network_fields(values: dict) -> dict:
    """Return the fields of a NetworkConfig in a dictionary that ``dataclasses.asdict`` made, with tuples for lists.

    Whatever else the dictionary has stays as it is. Raises what Python raises for values of other types.
    """
    values = _renamed(values)
    values["base_blocks"] = tuple(tuple(block) for block in values["base_blocks"])
    for name in ("base_tail", "pool_strides", "mean"):
        values[name] = tuple(values[name])
    return values


def weight_shapes(config):
    """Return the shapes of the weights of all convolutions, {"conv1_1.weight": (3, 3, 3, 64), ...}, building nothing.

    Raises ValueError if a feature map is not as large as the layers make it, or two layers have one name.
    """
    layers = [layer for layer in (*trunk(config), *predictors(config)) if layer.kind == "conv"]
    return {f"{layer.name}.weight": layer.weight_shape for layer in layers}


def checked_score_thresholds(values, count: int) -> tuple[float, ...] | None:
    """Return the score thresholds of a file as numbers, or None if it has none.

    Raises ValueError unless they are ``count`` numbers from 0 to 1, one for each class.
    """
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != count:
        what = f"a list of {len(values)}" if isinstance(values, list) else "no list"
        raise ValueError(f"{what}, for {count} classes")
    for i, value in enumerate(values):
        if not (_is_number(value) and 0 <= value <= 1):
            raise ValueError(f"{str(value)[:20]} for label {i + 1}, which is no number from 0 to 1")
    return tuple(map(float, values))


def _check_fields(row):
    for name in (field.name for field in fields(row)):
        value = getattr(row, name)
        if name in INTEGERS:
            _check_whole(name, value, *INTEGERS[name])
        elif name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{name} is none of {', '.join(CHOICES[name])}")
        elif name in POSITIVE and not (_is_number(value) and value > 0) or name in NUMBERS and not _is_number(value):
            raise ValueError(f"{name} is no such number")
        elif name == "name" and not isinstance(value, str):
            raise ValueError("a name that is no text")
        elif isinstance(getattr(type(row), name, None), bool) and not isinstance(value, bool):
            raise ValueError(f"{name} is neither true nor false")


def _check_whole(name, value, least, most):
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{name} is no whole number from {least} to {most}")


def _is_number(value):
    return type(value) in (int, float) and isfinite(value) and abs(value) < 1e9
