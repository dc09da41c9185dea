"""The numbers of every Faster R-CNN, with the reason beside each: two miniatures, and the network of the paper."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

from numpyssd.config import COMPACT, TINY, VARIANCES, NetworkConfig
from numpyssd.weights.stored_config import check_network, network_fields

POOLINGS = ("roi_pooling", "roi_align")
MAX_ANCHORS = 1_000_000
WHOLE = (  # numbers from 1 on
    "map_size", "rpn_channels", "anchors_per_image", "training_candidates", "training_proposals", "nms_candidates",
    "proposals", "pool_size", "rois_per_image", "max_objects",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FasterRCNNConfig(NetworkConfig):
    """Everything that defines a Faster R-CNN, and how many anchors and regions it learns from.

    The defaults are those of the paper and its released code with VGG-16, where they agree; else a comment says whose.
    """

    detector: ClassVar[str] = "faster_rcnn"
    # The feature map: the layer whose output both stages read, and the pixels of the image between two of its cells.
    feature_layer: str = "conv5_3"
    map_size: int  # rows = columns
    step: float
    # Anchors (section 3.1.1).
    anchor_scales: tuple[float, ...] = (128, 256, 512)  # pixels: the root of an anchor's area
    anchor_ratios: tuple[float, ...] = (0.5, 1, 2)  # height / width, where SSD has width / height
    round_anchors: bool = False  # sides in whole pixels, as in the released code
    inside_only: bool = False  # train no anchor that crosses the edge of the image: the paper's rule, section 3.3
    # The region proposal network, and what it is trained on (section 3.1.2).
    rpn_channels: int = 512  # these and head_channels are scaled by width
    anchors_per_image: int = 256
    # Proposals: how many of the best anchors NMS gets, and how many it leaves.
    training_candidates: int = 12_000
    training_proposals: int = 2000
    nms_candidates: int = 6000  # this and the next for detection
    proposals: int = 300
    proposal_nms: float = 0.7
    min_side: float = 16.0  # pixels: smaller proposals are dropped (the released RPN_MIN_SIZE)
    size_limit: float | None = None  # times the anchor: how large a side may become; torchvision: 62.5
    # Regions of interest (RoIs): how a box is read from the map, and which are trained on (Fast R-CNN, section 2.3).
    pooling: str = POOLINGS[0]  # or "roi_align"
    pool_size: int = 7
    plus_one: bool = True  # RoI pooling: a box covers its last cell too, as released
    aligned: bool = True  # RoIAlign: half a cell is subtracted; the first version did not
    rois_per_image: int = 128
    foreground_fraction: float = 0.25
    foreground_iou: float = 0.5
    background_iou: float = 0.0  # the released LO: at least so much IoU for background; 0.1 in Fast R-CNN
    # The head.
    head_channels: tuple[int, int] = (4096, 4096)  # of fc6 and fc7
    dropout: float = 0.5
    released_init: bool = True  # new layers start from N(0, 0.01), the boxes of the head from N(0, 0.001)
    # Objects of an image that training can hold, since the targets of all images have one shape.
    max_objects: int = 1000

    def __post_init__(self):
        if self.pooling not in POOLINGS:
            raise ValueError(f"pooling must be one of {', '.join(POOLINGS)}, not {self.pooling!r:.60}")

    @property
    def anchors_per_cell(self) -> int:
        """One anchor for each scale and ratio."""
        return len(self.anchor_scales) * len(self.anchor_ratios)

    @property
    def cells(self) -> float:
        """How many cells of the map the side of the image is long; 300 px with a step of 16 are 18.75 of 19."""
        return self.image_size / self.step


RPN_VARIANCES = (1.0, 1.0)  # the first stage's offsets are plain
HEAD_VARIANCES = VARIANCES  # the second stage's are divided by (0.1, 0.1, 0.2, 0.2), and SSD took that over

# The miniature on the trunk of SSD's preset compact, up to conv5_2. Anchors of the sizes of blood cells; boundary
# anchors are kept, because a quarter of BCCD's objects touch an edge; 64 anchors an image, of which about 17 are
# positive: 256 would be one positive in fourteen. A quarter as wide, the first stage has 128 channels and the head 256:
# of VGG's 4096, a quarter would cost twice as much as all of SSD.
FASTER_RCNN_COMPACT = FasterRCNNConfig(
    name="compact",
    image_size=300,
    num_classes=21,
    base_blocks=COMPACT.base_blocks,
    width=COMPACT.width,
    batch_norm=True,
    predictor_init_scale=0.1,
    feature_layer="conv5_2",
    map_size=19,
    step=16,
    anchor_scales=(24, 56, 112),
    anchors_per_image=64,
    training_candidates=600,
    training_proposals=300,
    nms_candidates=600,
    min_side=1.0,
    size_limit=62.5,
    head_channels=(1024, 1024),
    dropout=0.0,
    released_init=False,
)

# The same for the built-in data set, on the trunk of SSD's preset tiny.
FASTER_RCNN_TINY = FasterRCNNConfig(
    name="tiny",
    image_size=TINY.image_size,
    num_classes=TINY.num_classes,
    base_blocks=TINY.base_blocks,
    base_tail=TINY.base_tail,
    conv6_dilation=TINY.conv6_dilation,
    pool_strides=TINY.pool_strides,
    batch_norm=True,
    predictor_init_scale=0.1,
    feature_layer="conv5_1",
    map_size=8,
    step=8,
    anchor_scales=(12, 24, 44),
    anchor_ratios=(0.67, 1, 1.5),
    rpn_channels=128,
    anchors_per_image=32,
    training_candidates=300,
    training_proposals=100,
    nms_candidates=300,
    proposals=100,
    min_side=1.0,
    size_limit=62.5,
    rois_per_image=32,
    head_channels=(128, 128),
    dropout=0.0,
    released_init=False,
)

# The paper's network. Its shorter side is 600 px and the longer at most 1000; here an image is warped to a square, as
# for SSD. No pretrained weights are at hand, so it shows shapes, costs and that it runs.
FASTER_RCNN_VGG600 = FasterRCNNConfig(
    name="vgg600",
    image_size=600,
    num_classes=21,
    mean=(122.7717, 115.9465, 102.9801),  # of the released code, which has it as BGR
    map_size=38,
    step=16,
    round_anchors=True,
    inside_only=True,
)


def from_dict(values: dict[str, Any]) -> FasterRCNNConfig:
    """Return the config of a dictionary that ``dataclasses.asdict`` made; values may come from any file.

    Raises ValueError if no network can be built of it, and whatever Python raises for values of other types.
    """
    values = network_fields(values)
    for name in ("anchor_scales", "anchor_ratios", "head_channels"):
        values[name] = tuple(values[name])
    config = FasterRCNNConfig(**values)
    check_network(config)
    check(config)
    return config


def check(config: FasterRCNNConfig):
    """Raise ValueError, naming the field, unless a network can have these values."""
    for name in WHOLE:
        _check_whole(name, getattr(config, name))
    for channels in config.head_channels:
        _check_whole("head_channels", channels)
    numbers = {"step": config.step, "anchors": min((*config.anchor_scales, *config.anchor_ratios), default=0)}
    if config.size_limit is not None:
        numbers["size_limit"] = config.size_limit
    for name, value in numbers.items():
        if type(value) not in (int, float) or not (isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive, not {value}")
    if not 1 <= config.anchors_per_cell <= 1000:
        raise ValueError("the anchors of a cell are not from 1 to 1000")
    if len(config.head_channels) != 2:
        raise ValueError("head_channels must be two numbers")
    if config.map_size**2 * config.anchors_per_cell > MAX_ANCHORS:
        raise ValueError(f"more than {MAX_ANCHORS} anchors")
    if not 0 <= config.dropout < 1:
        raise ValueError(f"dropout must be from 0 to 1, without 1, not {config.dropout}")


def _check_whole(name, value):
    if type(value) is not int or not 1 <= value <= 65536:
        raise ValueError(f"{name} is no whole number from 1 to 65536")
