"""amdegroot's ssd.pytorch, the most read port: ``ssd300_mAP_77.43_v2.pth`` and what people trained with it.

Its input is Caffe's in RGB order; its default boxes are clipped by their centers and sizes. Forks of it go up to 512.
"""

from numpyssd.weights.sources.third_party import CAFFE_MEAN, VGG, base, both, detector, extra_names

RECOGNIZED_BY = ("vgg.0.weight", "L2Norm.weight", "conf.0.weight")
BASE_RECOGNIZED_BY = ("0.weight", "28.weight", "31.weight", "33.weight")
PLACES = dict(zip(VGG, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)))  # of the convolutions among VGG's layers
REDUCED = {**PLACES, "conv6": 31, "conv7": 33}
RULE = {"mean": CAFFE_MEAN, "pixel_scale": 1.0, "resize": "opencv"}


def translate(found, path):
    """Return the Foreign of a whole SSD."""
    maps = sum(name.startswith("loc.") and name.endswith(".weight") for name in found)
    layers = {name: f"vgg.{place}" for name, place in REDUCED.items()}
    layers |= {name: f"extras.{i}" for i, name in enumerate(extra_names(maps))}
    layers |= {f"{head}.{i}": f"{head}.{i}" for head in ("loc", "conf") for i in range(maps)}
    table = {**both(layers), "conv4_3_norm.scale": "L2Norm.weight"}
    return detector("amdegroot's SSD", found, table, path, RULE, clip_mode="cxcywh", whole_pixels=False)


def translate_base(found, path):
    """Return the Foreign of ``vgg16_reducedfc.pth``, Caffe's base network."""
    table = both({name: str(place) for name, place in REDUCED.items()})
    rule = {"mean": CAFFE_MEAN, "pixel_scale": 1.0}
    return base("the reduced VGG-16 of Caffe, as amdegroot has it", found, table, path, rule)
