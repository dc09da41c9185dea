"""The texts and the figure of ``explore --weights`` and ``explore IMAGE``: a network and its default boxes."""

from pathlib import Path

import numpy as np

from numpyssd.config import Config
from numpyssd.detectors import NAMES, summary_table
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.layers.network import LayeredNetwork
from numpyssd.model.default_boxes import draw_all_maps
from numpyssd.weights.built_in import weights_path
from numpyssd.weights.formats import npz


def describe_weights(path: Path | str, model: LayeredNetwork) -> str:
    """Return a text about a checkpoint: network, classes, size, training, and its feature maps or layers."""
    try:
        stored = npz.read(weights_path(path))[0]
    except InputError:  # files of other projects have no description
        stored = {}
    state = stored.get("state") if isinstance(stored.get("state"), dict) else stored
    config = model.config
    count = sum(parameter.value.size for parameter in model.parameters().values())
    names = ", ".join(model.class_names or ())
    of_rival = "" if isinstance(config, Config) else f"{NAMES[config.detector]}, "
    lines = [
        f"{path}: {of_rival}{config.name}, {count:,} parameters"
        + (f", width {config.width:g}" if config.width != 1 else ""),
        f"input: {config.image_size} x {config.image_size} pixels, RGB less {tuple(config.mean)}"
        + (f", times {config.pixel_scale:g}" if config.pixel_scale != 1 else ""),
        f"classes: {config.num_classes - 1} and the background: {names if len(names) < 200 else names[:200] + ' …'}",
    ]
    trained = [f"{state['iteration']} iterations"] if state.get("iteration") is not None else []
    if state.get("seconds"):
        trained.append(f"{state['seconds'] / 60:.1f} min")
    best = state.get("validation_map", state.get("best_map"))
    if best is not None:
        trained.append(f"validation mAP {best:.3f}" + (" at best" if "best_map" in state else ""))
    table = feature_map_table(config) if isinstance(config, Config) else [summary_table(config)]
    return "\n".join([*lines, "trained: " + (", ".join(trained) or "unknown"), *table])


def feature_map_table(config: Config) -> list[str]:
    """Return the lines of a table: the feature maps of a network, the number and the size of their default boxes."""
    lines = [f"{'feature map':<12} {'cells':>8} {'boxes':>6} {'step':>6} {'smallest':>9} {'largest':>8}  aspect ratios"]
    total = 0
    for row in config.feature_maps:
        boxes = row.size * row.size * row.boxes_per_cell
        total += boxes
        ratios = ", ".join(f"1:{r:g} {r:g}:1" for r in row.aspect_ratios)
        large = np.sqrt(row.scale_px * row.next_scale_px)
        sizes = f"{row.scale_px:>6g} px {large:>5.0f} px"
        lines.append(f"{row.name:<12} {row.size:>3} x {row.size:<2} {boxes:>6} {row.step:>6g} {sizes}  1:1 {ratios}")
    return [*lines, f"{'':<12} {'':>8} {total:>6} default boxes in all"]


def default_box_figure(image, config: Config):
    """Return a figure of the default boxes of each feature map of a network over an image (S, S, 3)."""
    columns = min(3, len(config.feature_maps)) if len(config.feature_maps) != 4 else 2
    rows = -(-len(config.feature_maps) // columns)
    figure, axes = new_figure(rows, columns, (4 * columns, 4 * rows + 0.6))
    for ax in axes:
        ax.set_axis_off()
    draw_all_maps(axes, image, config)
    return figure
