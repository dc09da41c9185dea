"""What the files of other projects have in common: names and layouts are converted to ours, and a Config is made.

The module of each project has ``RECOGNIZED_BY``, the names of arrays that only its files have, and ``translate``.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, Config
from numpyssd.errors import InputError
from numpyssd.model.geometry import predictors, trunk
from numpyssd.weights.contents import FileContents
from numpyssd.weights.other_kinds import about_parts
from numpyssd.weights.sources.class_names import class_names

CONVOLUTIONS = tuple(layer.name for layer in trunk(SSD512) if layer.kind == "conv")  # conv1_1 to conv12_2
VGG, BASE, EXTRA = CONVOLUTIONS[:13], CONVOLUTIONS[:15], CONVOLUTIONS[15:]  # conv5_3, conv7 is the last
COCO_CLASSES = (81, 91, 201)
CAFFE_INPUT = {"mean": (123.0, 117.0, 104.0), "pixel_scale": 1.0}  # RGB


def extra_names(maps: int) -> tuple[str, ...]:
    """Return the names of the extra layers of a network with so many feature maps: conv8_1, conv8_2, conv9_1, ..."""
    return EXTRA[: 2 * max(0, maps - 2)]


def converted(found: dict, table: dict[str, str], path: Path) -> tuple[dict, dict, dict]:
    """Return arrays, origins and unused (see FileContents) of the arrays ``found`` in a file.

    table: our name -> the name in the file. Weights of convolutions are transposed from (out, in, rows, columns) to
    (rows, columns, in, out). Raises InputError if an array is missing, or a weight has not four dimensions.
    """
    arrays, origins = {}, {}
    for name, theirs in table.items():
        if theirs not in found:
            first = ", ".join(list(found)[:4])
            raise InputError(
                f"{path} lacks {theirs}, which would be {name} here; its first arrays are {first}{about_parts(path)}"
            )
        array = np.asarray(found[theirs])
        if name.endswith(".weight") and array.ndim != 4:
            raise InputError(f"{path} has {theirs} with the shape {array.shape}, where {name} has four dimensions")
        arrays[name] = array.transpose(2, 3, 1, 0) if name.endswith(".weight") else array.reshape(-1)
        origins[name] = (theirs, tuple(array.shape))
    used = set(table.values())
    return arrays, origins, {name: tuple(array.shape) for name, array in found.items() if name not in used}


def weights_and_biases(layers: dict[str, str], weight=".weight", bias=".bias") -> dict[str, str]:
    """Return a table of arrays for a table of layers, our name -> theirs: the weight and the bias of each layer.

    weight, bias: what follows the name of the layer in the file.
    """
    return {
        f"{ours}.{part}": f"{theirs}{end}"
        for ours, theirs in layers.items()
        for part, end in (("weight", weight), ("bias", bias))
    }


def base_network(source: str, found: dict, table: dict, path: Path, input_rule: dict, notes=()) -> FileContents:
    """Return the contents of a base network; conv6 and conv7 are left out if the file has none."""
    table = {ours: theirs for ours, theirs in table.items() if ours.split(".")[0] in VGG or theirs in found}
    arrays, origins, unused = converted(found, table, path)
    return FileContents(source, arrays, input_rule, origins, unused, notes=notes)


def whole_ssd(
    source: str, found: dict, table: dict, path: Path, input_rule: dict,
    preset: Config | None = None, feature_maps: Callable | None = None, **fields,
) -> FileContents:  # fmt: skip
    """Return the contents of a whole SSD, with its Config.

    - source: whose network it is; its size and its number of classes are added;
    - found, table, path: as in ``converted``;
    - input_rule: see FileContents;
    - preset: the Config that has its default boxes; by default the number of classes decides;
    - feature_maps: a function that changes the rows of ``Config.feature_maps``;
    - fields: further fields of the Config, in which the project differs from Caffe.
    """
    arrays, origins, unused = converted(found, table, path)
    config = _config(arrays, path, preset, {**fields, **input_rule})
    if feature_maps is not None:
        config = replace(config, feature_maps=feature_maps(config.feature_maps))
    source = f"{source}{config.image_size}, {config.num_classes} classes"
    names = class_names(config.num_classes)
    return FileContents(source, arrays, input_rule, origins, unused, config, names, names_are_guessed=True)


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
    """Raise InputError unless each convolution has as many input channels as the layer before it has outputs.

    Then the network takes no more memory than its file.
    """
    for layer in trunk(config):
        if layer.kind == "conv" and (taken := arrays[f"{layer.name}.weight"].shape[2]) != layer.channels_in:
            raise InputError(
                f"{path}: {layer.name} takes {taken} channels, but the layer before it gives {layer.channels_in}"
            )
    for layer in predictors(config):
        if layer.kind == "conv" and arrays[f"{layer.name}.weight"].shape[2] != layer.channels_in:
            raise InputError(f"{path}: {layer.name} does not take the {layer.channels_in} channels of its feature map")
