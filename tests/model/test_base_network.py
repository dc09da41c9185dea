"""base_network: VGG-16's layers with SSD's three changes, and how Caffe draws their weights."""

from dataclasses import replace

import numpy as np
import pytest
from small import SMALL

from numpyssd.config import SSD300
from numpyssd.drawing import new_figure
from numpyssd.layers import Conv2d, MaxPool2d
from numpyssd.model.base_network import base_network

THIN = replace(SSD300, width=1 / 16)


def build(config):
    stages, channels = base_network(config, np.random.default_rng(0))
    return stages, channels, {layer.name: layer for stage in stages for layer in stage.layers()}


def test_layers_are_those_of_vgg16_in_order():
    stages, channels, _ = build(THIN)
    # Simonyan and Zisserman (2015), table 1, column D, as far as conv5_3; fc6 and fc7 became conv6 and conv7.
    first = "conv1_1 conv1_2 pool1 conv2_1 conv2_2 pool2 conv3_1 conv3_2 conv3_3 pool3 conv4_1 conv4_2 conv4_3"
    second = "pool4 conv5_1 conv5_2 conv5_3 pool5 conv6 conv7"
    for stage, expected in zip(stages, (first, second), strict=True):
        names = [layer.name for layer in stage.layers()]
        assert names == expected.split()
        # Each convolution has its ReLU in it, so that a feature map is taken after it (Caffe's is in place).
        assert all(layer.relu for layer in stage.layers() if isinstance(layer, Conv2d))
    assert channels == [32, 64]  # a sixteenth of 512 and 1024


def test_channels_of_the_full_width():
    _, channels, layers = build(SSD300)
    assert channels == [512, 1024]
    out = {name: layer.weight.value.shape for name, layer in layers.items() if isinstance(layer, Conv2d)}
    assert out["conv1_1"] == (3, 3, 3, 64)
    assert out["conv2_1"] == (3, 3, 64, 128)
    assert out["conv3_1"] == (3, 3, 128, 256)
    assert out["conv4_1"] == (3, 3, 256, 512)
    assert out["conv5_3"] == (3, 3, 512, 512)
    assert out["conv6"] == (3, 3, 512, 1024)  # fc6 was 7 x 7 x 512 x 4096
    assert out["conv7"] == (1, 1, 1024, 1024)


def test_the_three_changes():
    _, _, layers = build(THIN)
    pools = {name: layer for name, layer in layers.items() if isinstance(layer, MaxPool2d)}
    for name in ("pool1", "pool2", "pool3", "pool4"):
        assert (pools[name].size, pools[name].stride, pools[name].padding, pools[name].ceil_mode) == (2, 2, 0, True)
    assert (pools["pool5"].size, pools["pool5"].stride, pools["pool5"].padding) == (3, 1, 1)
    conv6, conv7 = layers["conv6"], layers["conv7"]
    assert (conv6.kernel, conv6.stride, conv6.padding, conv6.dilation) == (3, 1, 6, 6)
    assert (conv7.kernel, conv7.stride, conv7.padding, conv7.dilation) == (1, 1, 0, 1)
    for name, layer in layers.items():
        if isinstance(layer, Conv2d) and name not in ("conv6", "conv7"):
            assert (layer.kernel, layer.stride, layer.padding, layer.dilation) == (3, 1, 1, 1), name


def test_pool3_rounds_up():
    # 300 -> 150 -> 75 -> 38: with 37 the map of conv4_3 would have 5476 default boxes instead of 5776.
    stages, _, layers = build(THIN)
    x, sizes = np.zeros((1, 300, 300, 3), np.float32), {}
    for stage in stages:
        for layer in stage.layers():
            x = layer.forward(x)
            sizes[layer.name] = x.shape[1:3]
    expected = {
        "pool1": 150,
        "pool2": 75,
        "pool3": 38,
        "conv4_3": 38,
        "pool4": 19,
        "pool5": 19,
        "conv6": 19,
        "conv7": 19,
    }
    assert {name: sizes[name] for name in expected} == {name: (size, size) for name, size in expected.items()}


def test_weights_are_drawn_as_caffe_does():
    # filler.hpp, "xavier": uniform in ±sqrt(3 / fan_in), where fan_in = kh kw C_in; biases are zero.
    _, _, layers = build(replace(SSD300, width=0.25))
    for name, layer in layers.items():
        if isinstance(layer, Conv2d):
            kh, kw, c_in, _ = layer.weight.value.shape
            limit = (3 / (kh * kw * c_in)) ** 0.5
            assert 0.97 * limit < np.abs(layer.weight.value).max() <= np.float32(limit), name
            assert layer.weight.value.std() == pytest.approx(limit / 3**0.5, rel=0.05), name
            assert not layer.bias.value.any()


def test_only_the_image_has_no_gradient():
    _, _, layers = build(THIN)
    assert [name for name, layer in layers.items() if isinstance(layer, Conv2d) and not layer.need_dx] == ["conv1_1"]


def test_batch_norm_stands_between_convolution_and_relu():
    stages, _, _ = build(replace(SMALL, batch_norm=True))
    layers = [layer for stage in stages for layer in stage.layers()]
    for layer, after in zip(layers, [*layers[1:], None]):
        if isinstance(layer, Conv2d):
            assert after.name == f"{layer.name}_bn"
            assert after.relu
            assert not layer.relu
    assert not any(
        layer.name.endswith("_bn") for stage in build(replace(SMALL, batch_norm=False))[0] for layer in stage.layers()
    )


def test_figure_draws_a_cell_and_a_field_for_each_map():
    from numpyssd.model.base_network import draw_receptive_fields

    figure, ax = new_figure()
    # conv4_3 of SSD300: the center of cell (row 10, column 20) is at (20.5, 10.5) * 8, and it sees 92 px.
    draw_receptive_fields(ax, np.zeros((300, 300, 3), np.uint8), [("conv4_3", 8, 92, 10, 20)])
    cell, field = ax.patches[:2]
    assert (cell.get_x(), cell.get_y(), cell.get_width()) == (160, 80, 8)
    assert (field.get_x(), field.get_y(), field.get_width()) == (164 - 46, 84 - 46, 92)
