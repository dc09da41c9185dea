"""The curves of a run over those of another."""

import numpy as np
from matplotlib.colors import to_hex

from numpyssd.drawing import COLORS, new_figure
from numpyssd.reports.compared_curves import draw_losses_over, draw_maps_over


def test_a_run_lies_over_its_reference_and_may_end_earlier():
    whole = {"iteration": np.arange(1, 9.0), "conf": np.full(8, 4.0), "loc": np.full(8, 2.0)}
    short = {"iteration": np.arange(1, 4.0), "conf": np.array([4.0, 40, 400]), "loc": np.array([2.0, np.nan, 20])}
    _, ax = new_figure()
    draw_losses_over(ax, short, whole)
    gray = to_hex(COLORS["default box"])
    assert [to_hex(line.get_color()) == gray for line in ax.lines] == [True, False, True, False]
    assert [len(line.get_xdata()) for line in ax.lines] == [8, 3, 8, 2]
    assert ax.lines[1].get_ydata().tolist() == [22, 148, 220]  # means, of fewer at the ends
    assert ax.get_yscale() == "log"
    assert ax.get_xlim() == (0, 8)


def test_maps_share_one_axis_from_0_to_1():
    _, ax = new_figure()
    draw_maps_over(ax, [[10, 0.2]], [[10, 0.1], [20, 0.4]])
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.1, 0.4], [0.2]]
    assert (ax.get_ylim(), ax.get_xlim()) == ((0, 1), (0, 20))
