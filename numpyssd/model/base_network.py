"""The base network (paper, section 3): VGG-16 up to conv5_3, with fc6 and fc7 made into the convolutions conv6, conv7.

Three changes turn the classifier into a base for detection: pool3 rounds its output up (75 to 38), pool5 is 3x3 with
stride 1, and conv6, the 7x7 fc6 subsampled to 3x3, has dilation 6 (paper: the "à trous" algorithm), so that its
receptive field stays as large as before (Caffe: model_libs.py, VGGNetBody with reduced and dilated).
"""

from numpyssd.config import NetworkConfig
from numpyssd.drawing import COLORS, draw_image
from numpyssd.layers import ConvBlock, MaxPool2d, Sequential

TITLE = "A cell sees far more than its own pixels;\nconv6 with dilation 6 makes conv7 see the whole image"


def base_network(config: NetworkConfig, rng):
    """Return the two stages of the base network, which end in conv4_3 and conv7, and the channels of each.

    -> [stage to conv4_3, stage to conv7], [channels of conv4_3, channels of conv7]. Each stage is a Sequential whose
    output, after the ReLU, is a feature map.
    """
    stage, stages, channels = [], [], 3

    def conv(name, channels_out, **geometry):
        nonlocal channels
        stage.append(ConvBlock(name, rng, channels, channels_out, **geometry, batch_norm=config.batch_norm))
        channels = channels_out

    for block, block_channels in enumerate(config.base_blocks, start=1):
        stride = config.pool_strides[block - 1] if block < 5 else 1
        pool = MaxPool2d(f"pool{block}", size=2, stride=stride, ceil_mode=True) if stride > 1 else None
        for index, full in enumerate(block_channels, start=1):
            last = index == len(block_channels)
            conv(f"conv{block}_{index}", config.channels(full), pool=pool if last and block != 4 else None)
        if block == 4:  # conv4_3 is a feature map itself, so its pooling begins the next stage
            stages.append(Sequential(stage))
            stage, conv4_channels = [pool] if pool else [], channels
    stage.append(MaxPool2d("pool5", size=3, stride=1, padding=1))
    dilation = config.conv6_dilation
    conv("conv6", config.channels(config.base_tail[0]), padding=dilation, dilation=dilation)
    conv("conv7", config.channels(config.base_tail[1]), kernel=1, padding=0)
    stages.append(Sequential(stage))
    stages[0].layers()[0].need_dx = False  # the gradient of the image is not needed
    return stages, [conv4_channels, channels]


# ---------------------------------------------------------------------------------------------------------------------


def draw_receptive_fields(ax, image, cells, title=TITLE):
    """Draw cells of feature maps on an image (S, S, 3), and for each its receptive field.

    cells: rows (name, step, field, row, column), step and field in pixels.
    """
    from matplotlib.patches import Rectangle

    draw_image(ax, 255 - (255 - image) // 2)
    for (name, step, field, row, column), role in zip(cells, ("positive", "prediction")):
        color, x, y = COLORS[role], (column + 0.5) * step, (row + 0.5) * step
        ax.add_patch(Rectangle((column * step, row * step), step, step, color=COLORS["default box"]))
        corner = x - field / 2, y - field / 2
        ax.add_patch(Rectangle(corner, field, field, facecolor=color, alpha=0.12))
        ax.add_patch(Rectangle(corner, field, field, fill=False, edgecolor=color, linewidth=2))
        text = f"one cell of {name} ({step} px) sees {field} x {field} px"
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        ax.text(x, y - field / 2 - 5, text, ha="center", va="bottom", fontsize=10, bbox=box)
    size = len(image)
    edges = [abs((row + 0.5) * step - size / 2) + field / 2 for _, step, field, row, _ in cells]
    limit = max(size / 2, *edges) * 1.06
    ax.set_xlim(size / 2 - limit, size / 2 + limit)
    ax.set_ylim(size / 2 + limit, size / 2 - limit)
    ax.set_axis_off()
    ax.set_title(title)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.base_network")
