"""Files of amdegroot's ssd.pytorch: ``ssd300_mAP_77.43_v2.pth``, weights trained with it or its forks (300 and 512 px),
and its base network ``vgg16_reducedfc.pth``, which is Caffe's.

What differs from Caffe:

- the input channels are RGB already;
- default boxes are clipped by their centers and sizes.
"""

from pathlib import Path

from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.third_party import (
    CAFFE_INPUT,
    VGG,
    base_network,
    extra_names,
    weights_and_biases,
    whole_ssd,
)

RECOGNIZED_BY = ("vgg.0.weight", "L2Norm.weight", "conf.0.weight")
BASE_RECOGNIZED_BY = ("0.weight", "28.weight", "31.weight", "33.weight")
# The numbers of the convolutions among the layers of VGG-16.
PLACES = dict(zip(VGG, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)))
REDUCED = {**PLACES, "conv6": 31, "conv7": 33}
INPUT_RULE = {**CAFFE_INPUT, "resize": "opencv"}


def translate(found: dict, path: Path) -> FileContents:
    """Return the contents of a whole SSD."""
    maps = sum(name.startswith("loc.") and name.endswith(".weight") for name in found)
    layers = {name: f"vgg.{place}" for name, place in REDUCED.items()}
    layers |= {name: f"extras.{i}" for i, name in enumerate(extra_names(maps))}
    layers |= {f"{head}.{i}": f"{head}.{i}" for head in ("loc", "conf") for i in range(maps)}
    table = {**weights_and_biases(layers), "conv4_3_norm.scale": "L2Norm.weight"}
    return whole_ssd("amdegroot's SSD", found, table, path, INPUT_RULE, clip_mode="cxcywh", whole_pixels=False)


def translate_base(found: dict, path: Path) -> FileContents:
    """Return the contents of ``vgg16_reducedfc.pth``."""
    table = weights_and_biases({name: str(place) for name, place in REDUCED.items()})
    return base_network("the reduced VGG-16 of Caffe, as amdegroot has it", found, table, path, CAFFE_INPUT)
