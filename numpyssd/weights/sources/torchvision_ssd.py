"""Files of torchvision's ``ssd300_vgg16``, trained on COCO with the labels 1 to 90, ten of which are not used.

What differs from Caffe:

- the input channels are RGB already;
- images are resized in floats, without rounding (the mean is subtracted before, which gives the same numbers);
- the default boxes are Caffe's for COCO, whatever the number of classes; their width and height are cut to the image;
- decoding limits how much a default box can grow;
- boxes are clipped before NMS.
"""

from pathlib import Path

from numpyssd.config import SSD300_COCO
from numpyssd.errors import InputError
from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.amdegroot import PLACES
from numpyssd.weights.sources.third_party import VGG, weights_and_biases, whole_ssd

RECOGNIZED_BY = ("backbone.scale_weight", "backbone.features.0.weight", "head.regression_head.module_list.0.weight")
INPUT_RULE = {
    "mean": tuple(255 * value for value in (0.48235, 0.45882, 0.40784)),  # and divided by 1 / 255
    "pixel_scale": 1.0,
    "resize": "float",
}
HEADS = {"loc": "head.regression_head.module_list", "conf": "head.classification_head.module_list"}
MAPS = 6


def translate(found: dict, path: Path) -> FileContents:
    """Return the contents of a whole SSD300."""
    if f"{HEADS['loc']}.{MAPS}.weight" in found:
        raise InputError(
            f"{path} is torchvision's SSD of more than 300 pixels, whose feature maps no other project has"
        )
    layers = {name: f"backbone.features.{PLACES[name]}" for name in VGG[:10]}
    layers |= {f"conv5_{i}": f"backbone.extra.0.{2 * i - 1}" for i in (1, 2, 3)}  # after pool4, which is number 0
    layers |= {"conv6": "backbone.extra.0.7.1", "conv7": "backbone.extra.0.7.3"}
    layers |= {f"conv{7 + k}_{i}": f"backbone.extra.{k}.{2 * i - 2}" for k in range(1, MAPS - 1) for i in (1, 2)}
    layers |= {f"{ours}.{i}": f"{theirs}.{i}" for ours, theirs in HEADS.items() for i in range(MAPS)}
    table = {**weights_and_biases(layers), "conv4_3_norm.scale": "backbone.scale_weight"}
    return whole_ssd(
        "torchvision's SSD", found, table, path, INPUT_RULE, SSD300_COCO,
        clip_mode="size", clip_before_nms=True, size_limit=1000 / 16, whole_pixels=False,
    )  # fmt: skip
