"""torchvision's VGG-16, whose two large fully connected layers are thinned out to conv6 and conv7.

Every third row and column of fc6's 7x7 makes the 3x3 of conv6, and every fourth output makes 1024 of 4096, as in
Caffe's reduced base network; conv6's dilation brings what is left to where it was.

There are two such files with the same names. ``vgg16-397923af.pth`` was trained on RGB between 0 and 1 with ImageNet's
mean and standard deviation; ``vgg16_features-amdegroot-88682ab5.pth`` is Caffe's network, with NaN for a classifier.
"""

import numpy as np

from numpyssd.weights.sources.amdegroot import PLACES
from numpyssd.weights.sources.third_party import CAFFE_MEAN, base, both

RECOGNIZED_BY = ("features.0.weight", "features.28.weight")
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MIDDLE = 0.226  # one number for the config; what the three differ from it is worked into the first convolution


def translate(found, path):
    """Return the Foreign of the base network."""
    table = both({name: f"features.{place}" for name, place in PLACES.items()})
    arrays, notes = dict(found), ()
    reduced = thinned_out(*(found.get(f"classifier.{i}.{part}") for i in (0, 3) for part in ("weight", "bias")))
    if reduced is not None and not all(np.isfinite(array).all() for array in reduced):
        notes = ("its classifier holds no numbers, so that conv6 and conv7 start anew",)
        rule = {"mean": CAFFE_MEAN, "pixel_scale": 1.0}
        return base("the features of Caffe's VGG-16, as torchvision has them", found, table, path, rule, notes)
    if reduced is not None:
        layers = {"conv6": "classifier.0", "conv7": "classifier.3"}
        table |= both(layers)
        arrays |= dict(zip(both(layers).values(), reduced))
        notes = ("conv6 and conv7 are fc6 and fc7 thinned out",)
    first = np.asarray(found["features.0.weight"])
    if first.ndim == 4 and first.shape[1] == 3:
        share = np.float32(MIDDLE) / np.float32(DEVIATION)
        arrays["features.0.weight"] = first * share[:, None, None]  # (64, 3, 3, 3): of each input channel
    rule = {"mean": tuple(255 * value for value in MEAN), "pixel_scale": 1 / (255 * MIDDLE)}
    return base("torchvision's VGG-16", arrays, table, path, rule, notes)


def thinned_out(fc6_weight, fc6_bias, fc7_weight, fc7_bias):
    """Return weight and bias of conv6 (out, in, 3, 3), then of conv7 (out, in, 1, 1), or None if these are not such.

    The weights are (4096, 512 * 7 * 7) and (4096, 4096), the outputs of conv5_3 in the order channel, row, column.
    """
    if any(part is None for part in (fc6_weight, fc6_bias, fc7_weight, fc7_bias)):
        return None
    six, seven = fc6_weight.shape, fc7_weight.shape
    if len(six) != 2 or six[1] % 49 or seven != (seven[0], six[0]):
        return None
    conv6 = np.asarray(fc6_weight).reshape(six[0], -1, 7, 7)[::4, :, ::3, ::3]
    conv7 = np.asarray(fc7_weight)[::4, ::4, None, None]
    # Copies, so that the 400 MB of fc6 are not kept.
    return [part.copy() for part in (conv6, np.asarray(fc6_bias)[::4], conv7, np.asarray(fc7_bias)[::4])]
