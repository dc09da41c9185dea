"""Files of ChainerCV: ``ssd300_voc0712_converted_2017_06_06.npz`` and others, for 300 and 512 pixels.

What differs from Caffe:

- the input channels are RGB already;
- y comes before x: the four offsets of a default box (dy, dx, dh, dw) become (dx, dy, dw, dh) here;
- images are resized in floats, without rounding;
- the default boxes of 512 pixels keep their fractions of a pixel.
"""

from pathlib import Path

from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.third_party import (
    BASE,
    CAFFE_INPUT,
    base_network,
    extra_names,
    weights_and_biases,
    whole_ssd,
)

RECOGNIZED_BY = ("conv1_1/W", "conv5_3/W")  # after "extractor/" in a whole network
INPUT_RULE = {**CAFFE_INPUT, "resize": "float"}


def translate(found: dict, path: Path) -> FileContents:
    """Return the contents of a whole SSD, or of the base network if there are no predictors."""
    inside = "extractor/" if "extractor/conv1_1/W" in found else ""
    maps = sum(name.startswith("multibox/loc/") and name.endswith("/W") for name in found)
    if not maps:
        table = weights_and_biases({name: f"{inside}{name}" for name in BASE}, "/W", "/b")
        return base_network("ChainerCV's VGG-16", found, table, path, CAFFE_INPUT)
    layers = {name: f"{inside}{name}" for name in (*BASE, *extra_names(maps))}
    layers |= {f"{head}.{i}": f"multibox/{head}/{i}" for head in ("loc", "conf") for i in range(maps)}
    table = {**weights_and_biases(layers, "/W", "/b"), "conv4_3_norm.scale": f"{inside}norm4/scale"}
    x_first = {name: x_before_y(array) if "multibox/loc/" in name else array for name, array in found.items()}
    return whole_ssd("ChainerCV's SSD", x_first, table, path, INPUT_RULE, whole_pixels=False)


def x_before_y(array):
    """Return the weights (boxes * 4, ...) or bias (boxes * 4,) of a loc predictor with x and y exchanged."""
    if len(array) % 4:
        return array  # refused later, as no predictor of offsets
    return array.reshape(-1, 4, *array.shape[1:])[:, [1, 0, 3, 2]].reshape(array.shape)
