"""The numbers of every YOLO, with the reason beside each: two miniatures, and the network of the paper."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from numpyssd.config import COMPACT, TINY, NetworkConfig
from numpyssd.weights.stored_config import check_network, network_fields

HEADS = ("connected", "convolutional")


class Convolution(NamedTuple):
    """One convolution of the paper's Figure 3, padded by half its kernel."""

    channels: int
    kernel: int
    stride: int = 1
    pool: bool = False  # max pooling 2x2 after it


@dataclass(frozen=True, kw_only=True)
class YOLOConfig(NetworkConfig):
    """Everything that defines a YOLO.

    Its convolutions are those of Figure 3, or SSD's base network up to conv7 and ``head_channels``. Then there are two
    connected layers, or a 1x1 convolution.
    """

    detector: ClassVar[str] = "yolo"
    grid: int  # rows = columns of cells
    boxes_per_cell: int = 2
    # Convolutions 3x3 after conv7: conv8, conv9, ... The stride of the first is what makes the map of the grid's size.
    head_channels: tuple[int, ...] = ()
    convolutions: tuple[Convolution, ...] = ()  # of Figure 3; without any, the base network
    # Of the leaky ReLU after the convolutions of Figure 3 and after fc1; 0: a ReLU. With a ReLU the miniature stops
    # learning: the first steps push all units of fc1 below zero, where they have no gradient.
    leaky_slope: float = 0.1
    head: str = "connected"  # or "convolutional": each cell by itself, as SSD predicts
    connected_channels: int = 4096  # of fc1
    dropout: float = 0.5  # after fc1
    # Biases of the last layer for x, y and the roots of width and height. The paper has none, so all boxes start
    # without area, and have no IoU with anything.
    first_box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def values_per_cell(self) -> int:
        """Five for each box, and one for each class; there is no class for background."""
        return 5 * self.boxes_per_cell + self.num_classes - 1


# Figure 3. Of the 24 convolutions the first 20 are pretrained on ImageNet; the last four come with the detector.
_PAPER = (
    Convolution(64, 7, 2, pool=True),
    Convolution(192, 3, pool=True),
    Convolution(128, 1), Convolution(256, 3), Convolution(256, 1), Convolution(512, 3, pool=True),
    *(Convolution(256, 1), Convolution(512, 3)) * 4,
    Convolution(512, 1), Convolution(1024, 3, pool=True),
    *(Convolution(512, 1), Convolution(1024, 3)) * 2,
    Convolution(1024, 3), Convolution(1024, 3, 2), Convolution(1024, 3), Convolution(1024, 3),
)  # fmt: skip

# The paper's network: 448 px, 7 x 7 x 30 numbers. Pixels to [-1, 1] (Darknet, crop_layer.c).
YOLO_448 = YOLOConfig(
    name="yolo448",
    image_size=448,
    num_classes=21,
    grid=7,
    convolutions=_PAPER,
    mean=(127.5, 127.5, 127.5),
    pixel_scale=1 / 127.5,
)

# The miniature on the trunk of SSD's preset compact: 19 x 19 cells of conv7, then a grid of 7 x 7 as in the paper.
YOLO_COMPACT = YOLOConfig(
    name="compact",
    image_size=300,
    num_classes=21,
    base_blocks=COMPACT.base_blocks,
    width=COMPACT.width,
    batch_norm=True,
    predictor_init_scale=0.1,
    grid=7,
    head_channels=(512, 256),
    connected_channels=2048,
    # With the paper's half it learned more slowly when tried, over 250 iterations of BCCD. A longer run, in which a
    # half might hold back overfitting, has not been tried.
    dropout=0.0,
    first_box=(0.5, 0.5, 0.45, 0.45),  # near the mean root of the sides in BCCD, 0.43
)

# The same for the built-in data set, on the trunk of SSD's preset tiny.
YOLO_TINY = YOLOConfig(
    name="tiny",
    image_size=TINY.image_size,
    num_classes=TINY.num_classes,
    base_blocks=TINY.base_blocks,
    base_tail=TINY.base_tail,
    conv6_dilation=TINY.conv6_dilation,
    pool_strides=TINY.pool_strides,
    batch_norm=True,
    predictor_init_scale=0.1,
    grid=4,
    head_channels=(64,),
    connected_channels=256,
    dropout=0.0,  # with the paper's half it learned more slowly when tried
    first_box=(0.5, 0.5, 0.65, 0.65),  # the mean root of the sides
)


def from_dict(values: dict[str, Any]) -> YOLOConfig:
    """Return the config of a dictionary that ``dataclasses.asdict`` made; values may come from any file.

    Raises ValueError if no network can be built of it, and whatever Python raises for values of other types.
    """
    values = network_fields(values)
    values["head_channels"], values["first_box"] = tuple(values["head_channels"]), tuple(values["first_box"])
    values["convolutions"] = tuple(Convolution(*row) for row in values["convolutions"])
    config = YOLOConfig(**values)
    check_network(config)
    check(config)
    return config


def check(config: YOLOConfig):
    """Raise ValueError, naming the field, unless a network can have these values."""
    whole = {"grid": config.grid, "boxes_per_cell": config.boxes_per_cell, "fc1": config.connected_channels}
    whole |= {"head_channels": min(config.head_channels, default=1)}
    whole |= {f"convolution {i}": min(row[:3]) for i, row in enumerate(config.convolutions, start=1)}
    for name, value in whole.items():
        if type(value) is not int or not 1 <= value <= 65536:
            raise ValueError(f"{name} is no whole number from 1 to 65536")
    if config.convolutions and config.head_channels:
        raise ValueError("head_channels follow the base network, and convolutions take its place; leave one out")
    if config.head not in HEADS:
        raise ValueError(f"head must be one of {', '.join(HEADS)}, not {config.head!r:.60}")
    if not 0 <= config.dropout < 1:
        raise ValueError(f"dropout must be from 0 to 1, without 1, not {config.dropout}")
    if len(config.first_box) != 4:
        raise ValueError("first_box must be four numbers")
