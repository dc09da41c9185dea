"""Scales of the feature maps by the paper's equation 4 and by Caffe's scripts."""

from tests.golden.cases.common import case
from tests.golden.rules.scales import caffe_scales, paper_scales


def caffe(name, **inputs):
    """Return a case of Caffe's rule."""
    smallest, largest = caffe_scales(**inputs)
    return case(name, {"rule": "caffe", **inputs}, {"scale_px": smallest, "next_scale_px": largest})


def make():
    """Return what goes into scales.json."""
    return {
        "what": "the scale of each feature map: of its small square default box, and the next one's",
        "source": "paper equation 4; Caffe ssd_pascal.py lines 300 to 325, ssd_coco.py lines 303 to 325",
        "units": "caffe: pixels, from percents (lowest, highest, and first for conv4_3); paper: fractions of the side",
        "cases": [
            caffe("ssd300", image_size=300, maps=6, lowest=20, highest=90, first=10),
            caffe("ssd300_coco", image_size=300, maps=6, lowest=15, highest=90, first=7),
            caffe("ssd512", image_size=512, maps=7, lowest=15, highest=90, first=7),
            caffe("ssd512_coco", image_size=512, maps=7, lowest=10, highest=90, first=4),
            case("paper, six maps", {"rule": "paper", "maps": 6, "lowest": 0.2, "highest": 0.9},
                 {"scales": paper_scales(6)}),
            case("paper, five maps", {"rule": "paper", "maps": 5, "lowest": 0.2, "highest": 0.9},
                 {"scales": paper_scales(5)}),
        ],
    }  # fmt: skip
