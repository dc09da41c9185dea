"""What a unit sees: the arithmetic, the summary's, the exercise's and a one-hot gradient all agree."""

from dataclasses import replace

import numpy as np
import pytest
from widget_data import data

from lessons.course import check
from lessons.course.receptive_field import layers_of, one_hot_gradient, windows
from lessons.course.widgets.receptive_field import fields_of_layers, fields_of_units
from numpyssd import kernels
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.layers import Conv2d
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import summary


@pytest.mark.parametrize("config", [SSD300, SSD512, TINY], ids=lambda config: config.name)
def test_fields_and_sizes_are_those_of_the_summary(config):
    config = replace(config, width=0.02)
    rows = {row.layer: row for row in summary(config)}
    for name, w in windows(config).items():
        assert (w.size, w.field) == (rows[name].size, rows[name].receptive_field)


@pytest.mark.parametrize(("name", "row", "column"), [("conv1_1", 0, 9), ("conv4_1", 7, 15), ("conv8_2", 2, 3)])
def test_a_one_hot_gradient_reaches_just_what_was_calculated(rng, name, row, column):
    model = SSD(TINY)
    for layer in layers_of(model):
        if isinstance(layer, Conv2d):
            layer.weight.value = abs(layer.weight.value)  # so that nothing cancels, and no ReLU closes
    x = rng.uniform(1, 2, (40, 64, 64, 3)).astype(np.float32)  # many, because only winners of a pooling pass it on
    with kernels.using("reference"):  # Winograd's transforms leave rounding where there should be zeros
        seen = one_hot_gradient(model, x, name, row, column).any(axis=(0, 3))
    x1, y1, x2, y2 = windows(TINY)[name].box(row, column).clip(0, 64)
    expected = np.zeros((64, 64), bool)
    expected[y1:y2, x1:x2] = True
    np.testing.assert_array_equal(seen, expected)
    assert not layers_of(model)[0].need_dx  # as it was


def test_the_exercise_about_pixels_is_the_arithmetic():
    layers = [layer for layer in layers_of(SSD(TINY)) if hasattr(layer, "stride")]
    table = [
        (getattr(n, "kernel", getattr(n, "size", 0)), n.stride, n.padding, getattr(n, "dilation", 1)) for n in layers
    ]
    for n, (layer, w) in enumerate(zip(layers, windows(TINY).values(), strict=True), start=1):
        assert layer.name == w.name
        x1, _, x2, _ = w.box(0, w.size // 2).clip(0, 64)
        assert check.EXERCISES["seen_pixels"].answer(table[:n], w.size // 2, 64) == (x1, x2 - 1)
        short = [(kernel, stride, dilation) for kernel, stride, _, dilation in table[:n]]
        assert check.EXERCISES["receptive_field"].answer(short) == w.field


def test_widgets_say_the_receptive_field_of_a_unit():
    image = np.zeros((300, 300, 3), np.uint8)
    found = fields_of_layers(replace(SSD300, width=0.02), image)
    assert "conv4_3: 38 x 38 units, 8 px apart; receptive field 92 x 92 px" in found
    assert "conv7: 19 x 19 units, 16 px apart; receptive field 420 x 420 px; a part of it is padding" in found
    states = data(fields_of_layers(SSD300, image))["states"]
    assert states[12]["say"].startswith("conv4_3")
    assert states[12]["view"] == [-4.5, -4.5, 309, 309]  # the image, and a little around it
    assert states[-1]["view"] == [-262, -262, 824, 824]  # around pixels -250 to 522
    found = fields_of_units(TINY, "conv4_1", image[:64, :64])
    assert "unit (row 8, column 0) of conv4_1: receptive field rows 21 to 46 and columns 0 to 14" in found
