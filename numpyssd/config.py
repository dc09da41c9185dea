"""The numbers of every SSD, one frozen dataclass and one row per feature map, with the reason beside each.

Vary a preset with ``dataclasses.replace(SSD300, num_classes=4, width=0.25)``; nothing is ever changed in place.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

VARIANCES = (0.1, 0.2)  # the units of offsets: of the center, and of the logarithm of the size (model/box_coding.py)
MAX_DETECTIONS = 200  # of an image, unless said otherwise (paper, end of section 3): keep_top_k of postprocess


@dataclass(frozen=True)
class FeatureMap:
    """One row of the paper's table of predicting feature maps (section 2.2, "Choosing scales").

    name: the layer whose output is predicted from. size: rows = columns of the map. step: pixels of the image
    between two cell centers. scale_px and next_scale_px: side of the small square default box, and of the one of
    the next map (the geometric mean of the two gives the large square). aspect_ratios: width / height of the other
    boxes, each of which also brings its inverse.
    """

    name: str
    size: int
    step: float
    scale_px: float
    next_scale_px: float
    aspect_ratios: tuple[float, ...]

    @property
    def boxes_per_cell(self) -> int:
        """Two squares, and two boxes for each aspect ratio."""
        return 2 + 2 * len(self.aspect_ratios)


@dataclass(frozen=True)
class ExtraLayer:
    """A pair of extra layers: a 1x1 convolution to few channels, then kernel x kernel to the output's channels."""

    name: str  # "conv8" makes conv8_1 and conv8_2
    bottleneck_channels: int  # of conv8_1
    output_channels: int  # of conv8_2
    kernel: int  # of conv8_2, and so are stride and padding
    stride: int
    padding: int


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """What every detector's network has: its input, its classes and its base network."""

    detector: ClassVar[str] = "ssd"  # whose network it is, as --detector names it
    name: str
    image_size: int  # pixels; the image is warped to a square
    num_classes: int  # with background, which is class 0
    # Channels of each convolution of the base network, block by block (VGG-16, configuration D), then of conv6, conv7.
    base_blocks: tuple[tuple[int, ...], ...] = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
    base_tail: tuple[int, int] = (1024, 1024)
    conv6_dilation: int = 6  # TINY has 2, which made no clear difference when tried
    pool_strides: tuple[int, ...] = (2, 2, 2, 2)  # of pool1 to pool4; 1 leaves the pooling out
    width: float = 1.0  # scales the channels of the base network and of the layers after it
    batch_norm: bool = False  # for training from nothing; the published networks have none
    predictor_init_scale: float = 1.0  # times Caffe's "xavier", for the first weights of the predictors
    # How an image becomes what the network sees. Third-party checkpoints bring their own rule.
    mean: tuple[float, float, float] = (123.0, 117.0, 104.0)  # RGB, of 0..255; VGG's (Caffe has it as BGR)
    pixel_scale: float = 1.0  # multiplied after the mean is subtracted; 1 as in Caffe
    resize: str = "average"  # "average" over what a pixel covers; "opencv": 4 neighbors, rounded; "float": not rounded

    def channels(self, full: int) -> int:
        """Return ``full`` channels scaled by width, to a multiple of 8 so that vectors stay full; at least 8."""
        return full if self.width == 1.0 else max(8, round(full * self.width / 8) * 8)


@dataclass(frozen=True, kw_only=True)
class Config(NetworkConfig):
    """Everything that defines an SSD; see the presets below for what the numbers are and where they come from."""

    feature_maps: tuple[FeatureMap, ...]
    extra_layers: tuple[ExtraLayer, ...]
    norm_scale: float = 20.0  # where the learned scale of conv4_3_norm starts (paper, section 3.1)
    # Default boxes: where implementations differ (model/default_box_variants.py); first what Caffe does.
    whole_pixels: bool = True  # cut the scales to whole pixels
    center_rule: str = "step"  # (i + 0.5) * step; or "cell", the paper's (i + 0.5) / size
    clip_mode: str = "none"  # or "corners", "cxcywh", "size": three things that are all called clipping
    # Detection: likewise.
    clip_before_nms: bool = False  # torchvision clips the boxes first
    size_limit: float | None = None  # times the default box: how large decoding may make a side; torchvision: 62.5


_EXTRA_300 = (
    #          name    bottleneck output kernel stride padding
    ExtraLayer("conv8", 256, 512, 3, 2, 1),
    ExtraLayer("conv9", 128, 256, 3, 2, 1),
    ExtraLayer("conv10", 128, 256, 3, 1, 0),
    ExtraLayer("conv11", 128, 256, 3, 1, 0),
)
_EXTRA_512 = (
    ExtraLayer("conv8", 256, 512, 3, 2, 1),
    ExtraLayer("conv9", 128, 256, 3, 2, 1),
    ExtraLayer("conv10", 128, 256, 3, 2, 1),
    ExtraLayer("conv11", 128, 256, 3, 2, 1),
    ExtraLayer("conv12", 128, 256, 4, 1, 1),
)

# Caffe's ssd_pascal.py: whole percents of 300 px from 20 to 90 in steps of 17, with 10 put in front for conv4_3.
SSD300 = Config(
    name="ssd300",
    image_size=300,
    num_classes=21,
    feature_maps=(
        #          name      size step scale next  aspect ratios
        FeatureMap("conv4_3", 38, 8, 30, 60, (2,)),
        FeatureMap("conv7", 19, 16, 60, 111, (2, 3)),
        FeatureMap("conv8_2", 10, 32, 111, 162, (2, 3)),
        FeatureMap("conv9_2", 5, 64, 162, 213, (2, 3)),
        FeatureMap("conv10_2", 3, 100, 213, 264, (2,)),
        FeatureMap("conv11_2", 1, 300, 264, 315, (2,)),
    ),  # 5776 + 2166 + 600 + 150 + 36 + 4 = 8732 default boxes
    extra_layers=_EXTRA_300,
)

# The released SSD512 model: 15 to 90 percent of 512 px in steps of 15, with 7 in front. Caffe's prior_box layer cuts
# the sizes to whole pixels (default_boxes does the same), so 35.84 becomes 35.
SSD512 = Config(
    name="ssd512",
    image_size=512,
    num_classes=21,
    feature_maps=(
        FeatureMap("conv4_3", 64, 8, 35.84, 76.8, (2,)),
        FeatureMap("conv7", 32, 16, 76.8, 153.6, (2, 3)),
        FeatureMap("conv8_2", 16, 32, 153.6, 230.4, (2, 3)),
        FeatureMap("conv9_2", 8, 64, 230.4, 307.2, (2, 3)),
        FeatureMap("conv10_2", 4, 128, 307.2, 384.0, (2, 3)),
        FeatureMap("conv11_2", 2, 256, 384.0, 460.8, (2,)),
        FeatureMap("conv12_2", 1, 512, 460.8, 537.6, (2,)),
    ),  # 16384 + 6144 + 1536 + 384 + 96 + 16 + 4 = 24564 default boxes
    extra_layers=_EXTRA_512,
)

# Caffe's ssd_coco.py: 15 to 90 percent in steps of 18, with 7 in front, because COCO's objects are smaller.
SSD300_COCO = Config(
    name="ssd300_coco",
    image_size=300,
    num_classes=81,
    feature_maps=(
        FeatureMap("conv4_3", 38, 8, 21, 45, (2,)),
        FeatureMap("conv7", 19, 16, 45, 99, (2, 3)),
        FeatureMap("conv8_2", 10, 32, 99, 153, (2, 3)),
        FeatureMap("conv9_2", 5, 64, 153, 207, (2, 3)),
        FeatureMap("conv10_2", 3, 100, 207, 261, (2,)),
        FeatureMap("conv11_2", 1, 300, 261, 315, (2,)),
    ),
    extra_layers=_EXTRA_300,
)

# 10 to 90 percent of 512 px in steps of 16, with 4 in front.
SSD512_COCO = Config(
    name="ssd512_coco",
    image_size=512,
    num_classes=81,
    feature_maps=(
        FeatureMap("conv4_3", 64, 8, 20.48, 51.2, (2,)),
        FeatureMap("conv7", 32, 16, 51.2, 133.12, (2, 3)),
        FeatureMap("conv8_2", 16, 32, 133.12, 215.04, (2, 3)),
        FeatureMap("conv9_2", 8, 64, 215.04, 296.96, (2, 3)),
        FeatureMap("conv10_2", 4, 128, 296.96, 378.88, (2, 3)),
        FeatureMap("conv11_2", 2, 256, 378.88, 460.8, (2,)),
        FeatureMap("conv12_2", 1, 512, 460.8, 542.72, (2,)),
    ),
    extra_layers=_EXTRA_512,
)

# The network for somebody's own photographs and no GPU: SSD300's graph with COCO's smaller default boxes (21 px and
# up), a quarter as wide and with fewer layers where the maps are large. Batch-normalized, which learns better without
# pretrained weights, and with a milder start than Caffe's; docs/measurements.md compares the two.
COMPACT = replace(
    SSD300_COCO,
    name="compact",
    base_blocks=((64,), (128,), (256, 256), (512, 512), (512, 512)),
    width=0.25,
    batch_norm=True,
    norm_scale=8.0,
    predictor_init_scale=0.1,
)

# The same graph for the built-in data set: fewer channels, fewer layers, no pool3, and extra layers that shrink the map
# by two cells each, so that every object is some cells wide on a map that is meant for it. It learns in two minutes.
TINY = Config(
    name="tiny",
    image_size=64,
    num_classes=6,
    feature_maps=(
        FeatureMap("conv4_1", 16, 4, 8, 14, (1.6,)),
        FeatureMap("conv7", 8, 8, 14, 24, (1.6,)),
        FeatureMap("conv8_2", 6, 64 / 6, 24, 36, (1.6,)),
        FeatureMap("conv9_2", 4, 16, 36, 48, (1.6,)),
        FeatureMap("conv10_2", 2, 32, 48, 60, (1.6,)),
    ),  # 1024 + 256 + 144 + 64 + 16 = 1504 default boxes
    extra_layers=(
        ExtraLayer("conv8", 64, 128, 3, 1, 0),
        ExtraLayer("conv9", 64, 128, 3, 1, 0),
        ExtraLayer("conv10", 64, 128, 3, 1, 0),
    ),
    base_blocks=((16,), (32,), (64,), (64,), (128,)),
    base_tail=(128, 128),
    conv6_dilation=2,
    pool_strides=(2, 2, 1, 2),
    batch_norm=True,
)
