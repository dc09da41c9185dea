"""Caffe's own networks: the released SSD300 and SSD512, and the base network that they were trained from.

The one thing to undo is the order of colors: Caffe reads pictures with OpenCV, blue first, so that the input channels
of the first convolution are turned round. A file of SSD holds the sizes of its prior boxes too: VOC's, COCO's, others'.
"""

from dataclasses import replace

import numpy as np

from numpyssd.weights.sources.third_party import CAFFE_MEAN, VGG, base, both, detector, extra_names
from numpyssd.weights.sources.torchvision_vgg import thinned_out

RECOGNIZED_BY = ("conv1_1/0", "conv5_3/0")  # a layer's name, and the number of the blob
RULE = {"mean": CAFFE_MEAN, "pixel_scale": 1.0, "resize": "opencv"}
SOURCES = ("conv4_3_norm", "fc7", *(f"conv{k}_2" for k in range(6, 11)))  # of the predictors


def named(layers):
    """Return the blobs of ``caffemodel.read`` by names such as "conv1_1/0" (weights) and "conv1_1/1" (bias)."""
    return {f"{name}/{i}": blob for name, blobs in layers.items() for i, blob in enumerate(blobs)}


def translate(found, path, prior_boxes=None):
    """Return the Foreign of a whole SSD, or of the base network if there are no predictors."""
    found = dict(found)
    first = found["conv1_1/0"]
    if first.ndim == 4:
        found["conv1_1/0"] = first[:, ::-1]  # blue, green, red -> red, green, blue
    maps = sum(f"{source}_mbox_loc/0" in found for source in SOURCES)
    names = {**{name: name for name in VGG}, "conv6": "fc6", "conv7": "fc7"}
    if not maps:
        reduced = _thinned_out(found)
        notes = ("conv6 and conv7 are fc6 and fc7 thinned out",) if reduced else ()
        rule = {"mean": CAFFE_MEAN, "pixel_scale": 1.0}
        return base("Caffe's VGG-16", found | reduced, both(names, "/0", "/1"), path, rule, notes)
    # Caffe calls the extra layers conv6_1, conv6_2, conv7_1, ..., where the paper has conv8_1.
    names |= {name: f"conv{int(name[4:-2]) - 2}{name[-2:]}" for name in extra_names(maps)}
    names |= {f"{head}.{i}": f"{SOURCES[i]}_mbox_{head}" for head in ("loc", "conf") for i in range(maps)}
    table = {**both(names, "/0", "/1"), "conv4_3_norm.scale": "conv4_3_norm/0"}

    def as_in_the_file(rows):
        sizes = [(prior_boxes or {}).get(f"{source}_mbox_priorbox", ((), ())) for source in SOURCES]
        if not all(len(smallest) == len(largest) == 1 for smallest, largest in sizes[:maps]):
            return rows
        return tuple(
            row if np.allclose((row.scale_px, row.next_scale_px), (smallest[0], largest[0]))  # 35.84 in float32
            else replace(row, scale_px=smallest[0], next_scale_px=largest[0])
            for row, (smallest, largest) in zip(rows, sizes)
        )  # fmt: skip

    return detector("Caffe's SSD", found, table, path, RULE, maps=as_in_the_file)


def _thinned_out(found):
    """Return fc6 and fc7 of the unreduced network as convolutions, and nothing if they are that already."""
    parts = [found.get(name) for name in ("fc6/0", "fc6/1", "fc7/0", "fc7/1")]
    if any(part is None for part in parts) or parts[0].squeeze().ndim != 2:
        return {}
    made = thinned_out(*(part.squeeze() for part in parts))
    return dict(zip(("fc6/0", "fc6/1", "fc7/0", "fc7/1"), made)) if made else {}
