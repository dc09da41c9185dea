"""extra_layers: ever smaller maps, by stride or by leaving the padding out."""

from dataclasses import replace

import numpy as np
import pytest
from small import SMALL

from numpyssd.config import SSD300, SSD512
from numpyssd.drawing import new_figure
from numpyssd.model.extra_layers import extra_layers


def build(config, channels=8):
    return extra_layers(config, np.random.default_rng(0), channels)


@pytest.mark.parametrize(
    ("config", "conv7", "sizes"),
    # The paper's Figure 2 for 300; for 512 the released model. The last pair of SSD512 is 4 x 4 with padding 1.
    [(SSD300, 19, [10, 5, 3, 1]), (SSD512, 32, [16, 8, 4, 2, 1]), (SMALL, 6, [3, 1])],
    ids=["SSD300", "SSD512", "small"],
)
def test_sizes_of_the_maps(config, conv7, sizes):
    stages, widths = build(replace(config, width=1 / 16))
    x, found = np.zeros((1, conv7, conv7, 8), np.float32), []
    for stage, wide in zip(stages, widths, strict=True):
        x = stage.forward(x)
        assert x.shape[3] == wide
        found.append(x.shape[1])
        assert x.shape[1] == x.shape[2]
    assert found == sizes


def test_layers_of_ssd300():
    # Caffe's ssd_pascal.py, AddExtraLayers, under the paper's names: (kernel, in, out, stride, padding).
    expected = {
        "conv8_1": (1, 1024, 256, 1, 0),
        "conv8_2": (3, 256, 512, 2, 1),
        "conv9_1": (1, 512, 128, 1, 0),
        "conv9_2": (3, 128, 256, 2, 1),
        "conv10_1": (1, 256, 128, 1, 0),
        "conv10_2": (3, 128, 256, 1, 0),
        "conv11_1": (1, 256, 128, 1, 0),
        "conv11_2": (3, 128, 256, 1, 0),
    }
    stages, widths = build(SSD300, 1024)
    layers = [layer for stage in stages for layer in stage.layers()]
    found = {a.name: (a.kernel, *a.weight.value.shape[2:], a.stride, a.padding) for a in layers}
    assert found == expected
    assert list(found) == list(expected)
    assert widths == [512, 256, 256, 256]


def test_figure_has_a_grid_for_each_map():
    from numpyssd.model.extra_layers import draw_grids

    figure, axes = new_figure(2, 3)
    boxes = np.array([[10, 10, 50, 50], [20, 30, 290, 280]])  # 40 px suits conv4_3, 260 px conv11_2
    draw_grids(axes, np.zeros((300, 300, 3), np.uint8), SSD300.feature_maps, boxes)
    assert [ax.get_title().split(":")[0] for ax in axes] == [f.name for f in SSD300.feature_maps]
    lines = [len(ax.collections[0].get_segments()) for ax in axes]
    assert lines == [39, 20, 11, 6, 4, 2]
    assert [len(ax.patches) for ax in axes] == [2, 0, 0, 0, 0, 2]  # the object, and the cell that holds its center


def test_cells_of_the_figure_are_a_step_wide():
    from numpyssd.model.extra_layers import draw_grids

    _, axes = new_figure(2, 3)
    boxes = np.array([[155, 125, 265, 235], [20, 100, 184, 260]])  # centers (210, 180) and (102, 180)
    draw_grids(axes, np.zeros((300, 300, 3), np.uint8), SSD300.feature_maps, boxes)
    for ax, step, column, row in ((axes[2], 32, 6, 5), (axes[3], 64, 1, 2)):
        cell = ax.patches[0]
        assert (cell.get_x(), cell.get_y(), cell.get_width()) == (column * step, row * step, step)
        assert ax.get_xlim() == (0, 320)
        lines = [segment[0, 0] for segment in ax.collections[0].get_segments()]
        np.testing.assert_array_equal(lines, np.arange(len(lines)) * step)
