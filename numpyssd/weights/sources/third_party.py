"""What files of other projects have in common: their names and layouts become ours, and a Config says the rest.

A module for each project has ``RECOGNIZED_BY``, names of arrays that only its files have, and ``translate``.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, Config
from numpyssd.errors import InputError
from numpyssd.model.geometry import predictors, trunk
from numpyssd.weights.sources.class_names import class_names

CONVOLUTIONS = tuple(layer.name for layer in trunk(SSD512) if layer.kind == "conv")  # conv1_1 to conv12_2
VGG, BASE, EXTRA = CONVOLUTIONS[:13], CONVOLUTIONS[:15], CONVOLUTIONS[15:]  # conv5_3, conv7 is the last
COCO_CLASSES = (81, 91, 201)
CAFFE_MEAN = (123.0, 117.0, 104.0)


@dataclass(frozen=True)
class Foreign:
    """The contents of a file of another project (or of our own), in our names and layout."""

    kind: str  # in words
    arrays: dict  # our name -> array
    rule: dict  # the fields of a Config that say how a picture becomes what the network sees
    origins: dict = field(default_factory=dict)  # our name -> name and shape in the file
    unused: dict = field(default_factory=dict)  # name in the file -> shape
    config: Config | None = None  # None: a base network alone
    class_names: tuple | None = None
    notes: tuple = ()


def extra_names(maps):
    """Return the names of the extra layers of a network with so many feature maps: conv8_1, conv8_2, conv9_1, ..."""
    return EXTRA[: 2 * max(0, maps - 2)]


def translated(found, table, path):
    """Return arrays, origins and unused (see Foreign) of the arrays ``found`` in a file.

    table: our name -> the name in the file. Convolutions turn from (out, in, rows, columns) to ours. Raises InputError
    if one is missing or no convolution.
    """
    arrays, origins = {}, {}
    for name, foreign in table.items():
        if foreign not in found:
            first = ", ".join(list(found)[:4])
            raise InputError(f"{path} lacks {foreign}, which would be {name} here; its first arrays are {first}")
        array = np.asarray(found[foreign])
        if name.endswith(".weight") and array.ndim != 4:
            raise InputError(f"{path} has {foreign} with the shape {array.shape}, where {name} has four dimensions")
        arrays[name] = array.transpose(2, 3, 1, 0) if name.endswith(".weight") else array.reshape(-1)
        origins[name] = (foreign, tuple(array.shape))
    used = set(table.values())
    return arrays, origins, {name: tuple(array.shape) for name, array in found.items() if name not in used}


def both(layers, weight=".weight", bias=".bias"):
    """Return a table of arrays for a table of layers: ``{"conv1_1": "vgg.0"}`` brings its weight and its bias."""
    return {
        f"{ours}.{part}": f"{theirs}{end}"
        for ours, theirs in layers.items()
        for part, end in (("weight", weight), ("bias", bias))
    }


def base(kind, found, table, path, rule, notes=()):
    """Return the Foreign of a base network; what the file lacks of conv6 and conv7 is left out."""
    table = {ours: theirs for ours, theirs in table.items() if ours.split(".")[0] in VGG or theirs in found}
    arrays, origins, unused = translated(found, table, path)
    return Foreign(kind, arrays, rule, origins, unused, notes=notes)


def detector(kind, found, table, path, rule, preset=None, maps=None, **fields):
    """Return the Foreign of a whole SSD, with its Config.

    preset: the Config whose default boxes it has, if its project knows but one; else the number of classes decides.
    fields: where its project differs from Caffe, by the names of a Config's fields.
    """
    arrays, origins, unused = translated(found, table, path)
    config = _config(arrays, path, preset, {**fields, **rule})
    if maps is not None:
        config = replace(config, feature_maps=maps(config.feature_maps))
    kind = f"{kind}{config.image_size}, {config.num_classes} classes"
    names = class_names(config.num_classes)
    return Foreign(kind, arrays, rule, origins, unused, config, names)


def _config(arrays, path, preset, fields):
    count = sum(name.startswith("loc.") and name.endswith(".bias") for name in arrays)
    presets = {6: (SSD300, SSD300_COCO), 7: (SSD512, SSD512_COCO)}
    if count not in presets:
        raise InputError(f"{path} predicts from {count} feature maps; SSD300 has 6 and SSD512 has 7")
    boxes = [len(arrays[f"loc.{i}.bias"]) // 4 for i in range(count)]
    classes = len(arrays["conf.0.bias"]) // max(1, boxes[0])
    preset = preset or presets[count][classes in COCO_CLASSES]
    expected = [row.boxes_per_cell for row in preset.feature_maps]
    if boxes != expected or any(len(arrays[f"conf.{i}.bias"]) != classes * n for i, n in enumerate(boxes)):
        raise InputError(
            f"{path} has {boxes} default boxes in a cell of its feature maps; {preset.name} has {expected}"
        )
    if classes < 2:
        raise InputError(f"{path} has predictors for {classes} classes; background and one other are the least")

    def out(name):
        return arrays[f"{name}.weight"].shape[-1]

    config = replace(
        preset,
        num_classes=classes,
        base_blocks=tuple(tuple(out(name) for name in VGG if name[4] == str(block)) for block in range(1, 6)),
        base_tail=(out("conv6"), out("conv7")),
        extra_layers=tuple(
            replace(row, bottleneck_channels=out(f"{row.name}_1"), output_channels=out(f"{row.name}_2"))
            for row in preset.extra_layers
        ),
        **fields,
    )
    _check_chain(arrays, config, path)
    return config


def _check_chain(arrays, config, path):
    """Raise InputError unless each convolution takes what the one before gives; then no network outgrows its file."""
    for layer in trunk(config):
        if layer.kind == "conv" and (taken := arrays[f"{layer.name}.weight"].shape[2]) != layer.channels_in:
            raise InputError(
                f"{path}: {layer.name} takes {taken} channels, but the layer before it gives {layer.channels_in}"
            )
    for layer in predictors(config):
        if layer.kind == "conv" and arrays[f"{layer.name}.weight"].shape[2] != layer.channels_in:
            raise InputError(f"{path}: {layer.name} does not take the {layer.channels_in} channels of its feature map")
