"""Files of Caffe: the released SSD300 and SSD512, and VGG-16, the base network from which they were trained.

What is converted:

- Caffe reads images with OpenCV, blue first: the input channels of conv1_1 are reversed;
- Caffe calls the extra layers conv6_1, conv6_2, ..., where the paper has conv8_1, conv8_2, ...;
- the sizes of the prior boxes (VOC's, COCO's or others) are read from the file.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from numpyssd.weights.contents import FileContents
from numpyssd.weights.sources.third_party import (
    CAFFE_INPUT,
    VGG,
    base_network,
    extra_names,
    weights_and_biases,
    whole_ssd,
)
from numpyssd.weights.sources.torchvision_vgg import subsampled

RECOGNIZED_BY = ("conv1_1/0", "conv5_3/0")  # a layer's name, and the number of the blob
INPUT_RULE = {**CAFFE_INPUT, "resize": "opencv"}
SOURCES = ("conv4_3_norm", "fc7", *(f"conv{k}_2" for k in range(6, 11)))  # of the predictors


def named(layers):
    """Return the blobs of ``caffemodel.read`` by names such as "conv1_1/0" (weight) and "conv1_1/1" (bias)."""
    return {f"{name}/{i}": blob for name, blobs in layers.items() for i, blob in enumerate(blobs)}


def translate(found: dict, path: Path, prior_boxes: dict | None = None) -> FileContents:
    """Return the contents of a whole SSD, or of the base network if there are no predictors."""
    found = dict(found)
    first = found["conv1_1/0"]
    if first.ndim == 4:
        found["conv1_1/0"] = first[:, ::-1]  # blue, green, red -> red, green, blue
    maps = sum(f"{source}_mbox_loc/0" in found for source in SOURCES)
    names = {**{name: name for name in VGG}, "conv6": "fc6", "conv7": "fc7"}
    if not maps:
        reduced = _subsampled(found)
        notes = ("conv6 and conv7 are fc6 and fc7 subsampled",) if reduced else ()
        return base_network(
            "Caffe's VGG-16", found | reduced, weights_and_biases(names, "/0", "/1"), path, CAFFE_INPUT, notes
        )
    names |= {name: f"conv{int(name[4:-2]) - 2}{name[-2:]}" for name in extra_names(maps)}
    names |= {f"{head}.{i}": f"{SOURCES[i]}_mbox_{head}" for head in ("loc", "conf") for i in range(maps)}
    table = {**weights_and_biases(names, "/0", "/1"), "conv4_3_norm.scale": "conv4_3_norm/0"}

    def as_in_the_file(rows):
        sizes = [(prior_boxes or {}).get(f"{source}_mbox_priorbox", ((), ())) for source in SOURCES]
        if not all(len(smallest) == len(largest) == 1 for smallest, largest in sizes[:maps]):
            return rows
        return tuple(
            row if np.allclose((row.scale_px, row.next_scale_px), (smallest[0], largest[0]))  # 35.84 in float32
            else replace(row, scale_px=smallest[0], next_scale_px=largest[0])
            for row, (smallest, largest) in zip(rows, sizes)
        )  # fmt: skip

    return whole_ssd("Caffe's SSD", found, table, path, INPUT_RULE, feature_maps=as_in_the_file)


def _subsampled(found):
    """Return fc6 and fc7 of the full VGG-16 as convolutions; an empty dict if they are convolutions already."""
    parts = [found.get(name) for name in ("fc6/0", "fc6/1", "fc7/0", "fc7/1")]
    if any(part is None for part in parts) or parts[0].squeeze().ndim != 2:
        return {}
    made = subsampled(*(part.squeeze() for part in parts))
    return dict(zip(("fc6/0", "fc6/1", "fc7/0", "fc7/1"), made)) if made else {}
