"""ChainerCV: ``ssd300_voc0712_converted_2017_06_06.npz`` and the like, for 300 and 512 pixels.

The file has RGB first already. It has y before x, which is undone here: each default box's four offsets (dy, dx, dh,
dw) become (dx, dy, dw, dh). ChainerCV resizes floats, and keeps the fractions of default boxes at 512 pixels.
"""

from numpyssd.weights.sources.third_party import BASE, CAFFE_MEAN, base, both, detector, extra_names

RECOGNIZED_BY = ("conv1_1/W", "conv5_3/W")  # behind "extractor/", if it is a whole network
RULE = {"mean": CAFFE_MEAN, "pixel_scale": 1.0, "resize": "float"}


def translate(found, path):
    """Return the Foreign of a whole SSD, or of the base network if there are no predictors."""
    inside = "extractor/" if "extractor/conv1_1/W" in found else ""
    maps = sum(name.startswith("multibox/loc/") and name.endswith("/W") for name in found)
    if not maps:
        table = both({name: f"{inside}{name}" for name in BASE}, "/W", "/b")
        return base("ChainerCV's VGG-16", found, table, path, {"mean": CAFFE_MEAN, "pixel_scale": 1.0})
    layers = {name: f"{inside}{name}" for name in (*BASE, *extra_names(maps))}
    layers |= {f"{head}.{i}": f"multibox/{head}/{i}" for head in ("loc", "conf") for i in range(maps)}
    table = {**both(layers, "/W", "/b"), "conv4_3_norm.scale": f"{inside}norm4/scale"}
    x_first = {name: x_before_y(array) if "multibox/loc/" in name else array for name, array in found.items()}
    return detector("ChainerCV's SSD", x_first, table, path, RULE, whole_pixels=False)


def x_before_y(array):
    """Return the weights (boxes * 4, ...) or bias (boxes * 4,) of a loc predictor with x and y changed over."""
    if len(array) % 4:
        return array  # which is refused as no predictor of offsets
    return array.reshape(-1, 4, *array.shape[1:])[:, [1, 0, 3, 2]].reshape(array.shape)
