"""The config in a file of weights, which may say anything: checked before a network of it takes memory."""

from dataclasses import fields
from math import isfinite

from numpyssd.config import Config, ExtraLayer, FeatureMap
from numpyssd.kernels.shapes import conv_output_size, pool_output_size

LARGEST_PICTURE = 4096  # pixels a side
MOST_BOXES = 2_000_000
RENAMED = {"centre_rule": "center_rule"}  # fields of a Config: name in earlier files -> name now
WORDS = {
    "resize": ("average", "opencv", "float"),
    "center_rule": ("step", "cell"),
    "clip_mode": ("none", "corners", "cxcywh", "size"),
}
WHOLE = {  # the least and the most
    "image_size": (1, LARGEST_PICTURE), "size": (1, LARGEST_PICTURE), "num_classes": (2, 100_000),
    "narrow": (1, 65536), "wide": (1, 65536), "kernel": (1, 15), "stride": (1, 15), "padding": (0, 15),
    "conv6_dilation": (1, 100),
}  # fmt: skip
POSITIVE = ("step", "scale_px", "next_scale_px", "width")
NUMBERS = ("norm_scale", "predictor_gain", "pixel_scale")


def config_from_dict(values):
    """Return the Config that ``dataclasses.asdict`` made a dictionary of.

    Raises ValueError if it is not one that a network can be built of, and whatever odd values make Python raise.
    """
    values = {RENAMED.get(name, name): value for name, value in values.items()}
    values["feature_maps"] = tuple(
        FeatureMap(**{**row, "aspect_ratios": tuple(row["aspect_ratios"])}) for row in values["feature_maps"]
    )
    values["extra_layers"] = tuple(ExtraLayer(**row) for row in values["extra_layers"])
    values["base_blocks"] = tuple(tuple(block) for block in values["base_blocks"])
    for name in ("base_tail", "pool_strides", "mean"):
        values[name] = tuple(values[name])
    config = Config(**values)
    check_config(config)
    return config


def check_config(config):
    """Raise ValueError, naming the field, unless every number of a config is one that a network can have."""
    _check_fields(config)
    for row in (*config.feature_maps, *config.extra_layers):
        _check_fields(row)
    for row in config.feature_maps:
        if len(row.aspect_ratios) > 100 or not all(_is_number(ratio) and ratio > 0 for ratio in row.aspect_ratios):
            raise ValueError(f"aspect ratios of {row.name[:60]!r} that are none")
    blocks, strides = config.base_blocks, config.pool_strides
    if len(blocks) != 5 or not all(blocks) or len(config.base_tail) != 2 or len(strides) != 4:
        raise ValueError("a base network of another number of blocks")
    for channels in (*config.base_tail, *(channels for block in blocks for channels in block)):
        _check_whole("channels", channels, 1, 65536)
    for stride in strides:
        _check_whole("pool_strides", stride, 1, 15)
    if len(config.mean) != 3 or not all(map(_is_number, config.mean)):
        raise ValueError("a mean that is not three numbers")
    if config.size_limit is not None and not (_is_number(config.size_limit) and config.size_limit > 0):
        raise ValueError("size_limit is no number")
    if config.width > 64:
        raise ValueError("width is more than 64")
    if sum(row.size**2 * row.boxes_per_cell for row in config.feature_maps) > MOST_BOXES:
        raise ValueError(f"more than {MOST_BOXES} default boxes")
    weight_shapes(config)


def weight_shapes(config):
    """Return the shapes of the weights of all convolutions, {"conv1_1.weight": (3, 3, 3, 64), ...}, building nothing.

    Raises ValueError if a feature map is not as large as the layers make it, or two layers have one name.
    """
    shapes, channels, size, sources = {}, 3, config.image_size, []

    def add(name, kernel, out, stride=1, padding=0, dilation=1):
        nonlocal channels, size
        if name in shapes:
            raise ValueError(f"two layers of the name {name[:60]!r}")
        shapes[name] = kernel, kernel, channels, out
        channels, size = out, conv_output_size(size, kernel, stride, padding, dilation)

    for block, widths in enumerate(config.base_blocks, start=1):
        for index, wide in enumerate(widths, start=1):
            add(f"conv{block}_{index}", 3, config.channels(wide), padding=1)
        if block == 4:
            sources.append((channels, size))
        if block < 5 and config.pool_strides[block - 1] > 1:
            size = pool_output_size(size, 2, config.pool_strides[block - 1], 0, ceil_mode=True)
    reach = config.conv6_dilation
    add("conv6", 3, config.channels(config.base_tail[0]), padding=reach, dilation=reach)
    add("conv7", 1, config.channels(config.base_tail[1]))
    sources.append((channels, size))
    for row in config.extra_layers:
        add(f"{row.name}_1", 1, config.channels(row.narrow))
        add(f"{row.name}_2", row.kernel, config.channels(row.wide), row.stride, row.padding)
        sources.append((channels, size))
    if [size for _, size in sources] != [row.size for row in config.feature_maps]:
        raise ValueError("feature maps of other sizes than its layers make")
    for i, (row, (channels, _)) in enumerate(zip(config.feature_maps, sources)):
        for head, values in (("loc", 4), ("conf", config.num_classes)):
            shapes[f"{head}.{i}"] = 3, 3, channels, values * row.boxes_per_cell
    return {f"{name}.weight": shape for name, shape in shapes.items()}


def _check_fields(row):
    for name in (field.name for field in fields(row)):
        value = getattr(row, name)
        if name in WHOLE:
            _check_whole(name, value, *WHOLE[name])
        elif name in WORDS and value not in WORDS[name]:
            raise ValueError(f"{name} is none of {', '.join(WORDS[name])}")
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
