"""Files of torchvision's VGG-16, a base network. Two files have the same names of arrays:

- ``vgg16-397923af.pth`` was trained on RGB from 0 to 1, with ImageNet's mean and standard deviation;
- ``vgg16_features-amdegroot-88682ab5.pth`` is Caffe's network, and its classifier is all NaN.

The fully connected layers fc6 and fc7 are subsampled to conv6 and conv7, as in Caffe's reduced base network (paper,
section 3): every third row and column of the 7x7 of fc6 make the 3x3 of conv6, and every fourth of the 4096 outputs is
kept. The dilation of conv6 puts the kernel positions back where they were.
"""

from pathlib import Path

import numpy as np

from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.amdegroot import PLACES
from numpyssd.weights.sources.third_party import CAFFE_INPUT, base_network, weights_and_biases

RECOGNIZED_BY = ("features.0.weight", "features.28.weight")
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
MEAN_DEVIATION = 0.226  # the one number of the config; the first convolution makes up for the difference


def translate(found: dict, path: Path) -> FileContents:
    """Return the contents of the base network."""
    table = weights_and_biases({name: f"features.{place}" for name, place in PLACES.items()})
    arrays, notes = dict(found), ()
    reduced = subsampled(*(found.get(f"classifier.{i}.{part}") for i in (0, 3) for part in ("weight", "bias")))
    if reduced is not None and not all(np.isfinite(array).all() for array in reduced):
        notes = ("its classifier holds no numbers, so conv6 and conv7 are initialized anew",)
        return base_network(
            "the features of Caffe's VGG-16, as torchvision has them", found, table, path, CAFFE_INPUT, notes
        )
    if reduced is not None:
        layers = {"conv6": "classifier.0", "conv7": "classifier.3"}
        table |= weights_and_biases(layers)
        arrays |= dict(zip(weights_and_biases(layers).values(), reduced))
        notes = ("conv6 and conv7 are fc6 and fc7 subsampled",)
    first = np.asarray(found["features.0.weight"])
    if first.ndim == 4 and first.shape[1] == 3:
        factor = np.float32(MEAN_DEVIATION) / np.array(DEVIATION, np.float32)
        arrays["features.0.weight"] = first * factor[:, None, None]  # (64, 3, 3, 3): of each input channel
    input_rule = {"mean": tuple(255 * value for value in MEAN), "pixel_scale": 1 / (255 * MEAN_DEVIATION)}
    return base_network("torchvision's VGG-16", arrays, table, path, input_rule, notes)


def subsampled(fc6_weight, fc6_bias, fc7_weight, fc7_bias):
    """Return weight and bias of conv6 (out, in, 3, 3) and of conv7 (out, in, 1, 1), or None if the shapes do not fit.

    fc6_weight (4096, 512 * 7 * 7) has the outputs of pool5 in the order channel, row, column; fc7_weight (4096, 4096).
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
