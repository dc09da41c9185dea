"""The figures of the network: its parts, its default boxes, box coding, the whole. See drawing.run_figure."""

from numpyssd.config import SSD300
from numpyssd.datasets.shapes import example
from numpyssd.drawing import figure_command
from numpyssd.images.preprocess import normalize
from numpyssd.model.architecture import draw_architecture
from numpyssd.model.base_network import draw_receptive_fields
from numpyssd.model.box_coding import draw_offsets
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.extra_layers import draw_grids
from numpyssd.model.predictors import draw_scores
from numpyssd.model.summary import main as draw_network
from numpyssd.model.summary import summary
from numpyssd.pictures.default_box_rules import main as draw_default_boxes
from numpyssd.softmax import softmax
from numpyssd.weights import load_model


def architecture_figure():
    """Draw the figure of model/architecture.py: the whole of SSD300."""
    figure_command("architecture", draw_architecture, size=(12, 5))


def base_network_figure():
    """Draw the figure of model/base_network.py."""
    field = {row.layer: row.receptive_field for row in summary(SSD300)}
    cells = [("conv7", 16, field["conv7"], 9, 9), ("conv4_3", 8, field["conv4_3"], 6, 29)]
    figure_command("base_network", lambda ax: draw_receptive_fields(ax, example(300)[0], cells), size=(7, 7.4))


def extra_layers_figure():
    """Draw the figure of model/extra_layers.py."""
    image, boxes, _, _ = example(300)
    figure_command(
        "extra_layers",
        lambda axes: draw_grids(axes, image, SSD300.feature_maps, boxes),
        rows=2,
        columns=3,
        size=(12, 8.6),
    )


def predictors_figure():
    """Draw the figure of model/predictors.py."""
    model = load_model("tiny")
    image = example(model.config.image_size)[0]
    scores = softmax(model.forward(normalize(image, model.config)[None])[1][0])
    maps = model.config.feature_maps

    def draw(axes):
        """Draw all maps."""
        draw_scores(axes, image, scores, maps)
        axes[0].figure.suptitle("where objects are, at every size")

    figure_command("predictors", draw, columns=len(maps), size=(3 * len(maps), 3.8))


def default_boxes_figure():
    """Draw the figure of model/default_boxes.py."""
    draw_default_boxes(lambda size: example(size)[0])


def box_coding_figure():
    """Draw the figure of model/box_coding.py."""
    image, boxes, _, _ = example(SSD300.image_size)
    # A wide box of conv8_2, up and left of the second object, which is square.
    row, column, per_cell = 4, 5, 6
    default_box = default_boxes(SSD300)[5776 + 2166 + (row * 10 + column) * per_cell + 2] * SSD300.image_size
    figure_command("box_coding", lambda ax: draw_offsets(ax, image, boxes[1], default_box), size=(6, 7.2))


def ssd_figure():
    """Draw the figure of model/ssd.py, and print its summary."""
    draw_network()
