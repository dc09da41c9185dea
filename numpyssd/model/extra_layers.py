"""The extra layers (paper, section 2.1, "Multi-scale feature maps"): ever smaller maps for ever larger objects.

Each pair is a 1x1 convolution that reduces the channels and a 3x3 one that shrinks the map, by stride 2 or by having no
padding (Caffe: ssd_pascal.py, AddExtraLayers; its conv6_1 to conv9_2 are the paper's conv8_1 to conv11_2).
"""

import numpy as np

from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.layers import ConvBlock, Sequential


def extra_layers(config, rng, channels):
    """Return one stage for each pair of extra layers, and the channels of their outputs; ``channels`` is conv7's."""
    stages, outputs, norm = [], [], config.batch_norm
    for row in config.extra_layers:
        bottleneck, output = config.channels(row.bottleneck_channels), config.channels(row.output_channels)
        reduce = ConvBlock(f"{row.name}_1", rng, channels, bottleneck, kernel=1, padding=0, batch_norm=norm)
        geometry = row.kernel, row.stride, row.padding
        shrink = ConvBlock(f"{row.name}_2", rng, bottleneck, output, *geometry, batch_norm=norm)
        stages.append(Sequential([reduce, shrink]))
        outputs.append(output)
        channels = output
    return stages, outputs


# ---------------------------------------------------------------------------------------------------------------------


def draw_grids(axes, image, feature_maps, boxes):
    """Draw the cells of each feature map over an image (S, S, 3), an axes each, and the objects that suit it.

    boxes (M, 4) xyxy in pixels. An object suits the map whose scale is nearest to its size, the root of its area. Cells
    are a step of the map wide, as those of the default boxes: the last ones may reach beyond the image.
    """
    from matplotlib.patches import Rectangle

    sizes = np.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))  # (M,) pixels
    suits = np.abs(np.log(sizes[:, None] / [f.scale_px for f in feature_maps])).argmin(axis=1)  # (M,)
    end = max(len(image), *(f.size * f.step for f in feature_maps))
    for index, (ax, f) in enumerate(zip(axes, feature_maps)):
        draw_image(ax, 255 - (255 - image) // 2)
        edges = np.arange(f.size + 1) * f.step
        ax.vlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.6)
        ax.hlines(edges, 0, edges[-1], color=COLORS["default box"], linewidth=0.6)
        ax.set_xlim(0, end)
        ax.set_ylim(end, 0)
        for box in boxes[suits == index]:
            x, y = (box[:2] + box[2:]) / 2 // f.step * f.step
            ax.add_patch(Rectangle((x, y), f.step, f.step, color=COLORS["default box"], alpha=0.8))
            draw_boxes(ax, [box], "ground truth", linewidth=3)
        count = np.sum(suits == index)
        found = f"for {count} of the {len(boxes)} objects" if count else "for no object"
        ax.set_title(
            f"{f.name}: {f.size} x {f.size} cells for objects\nof about {f.scale_px:g} px; {found}", fontsize=10
        )


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("model.extra_layers")
