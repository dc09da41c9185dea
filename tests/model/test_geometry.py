"""The geometry: the same layers, windows and shapes as those of the network that is built, and its errors."""

from dataclasses import replace

import pytest
from small import SMALL

from numpyssd.config import SSD300, SSD300_COCO, SSD512, TINY
from numpyssd.layers import Conv2d, L2Norm, MaxPool2d
from numpyssd.model.geometry import LayerGeometry, predictors, trunk
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.ssd import SSD


def as_built(layer):
    """Return the name, kind, window and channels of a layer of a network."""
    if isinstance(layer, Conv2d):
        window = layer.kernel, layer.stride, layer.padding, layer.dilation
        return layer.name, "conv", *window, *layer.weight.value.shape[2:]
    if isinstance(layer, MaxPool2d):
        return layer.name, "pool", layer.size, layer.stride, layer.padding, 1, None, None
    return layer.name, "l2norm", 1, 1, 0, 1, *2 * layer.scale.value.shape


def as_said(layer):
    """Return the same of a row of the geometry; a pooling has no channels of its own."""
    channels = (None, None) if layer.kind == "pool" else (layer.channels_in, layer.channels_out)
    return layer.name, layer.kind, layer.kernel, layer.stride, layer.padding, layer.dilation, *channels


CONFIGS = [SMALL, TINY, *(replace(config, width=1 / 8) for config in (SSD300, SSD300_COCO, SSD512))]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_layers_are_those_of_the_network(config):
    model, known = SSD(config), (Conv2d, MaxPool2d, L2Norm)
    built = [as_built(layer) for stage in model.stages for layer in stage.layers() if isinstance(layer, known)]
    assert [as_said(layer) for layer in trunk(config)] == built
    built = {layer.name: as_built(layer) for layer in model.predictors.layers()}
    assert {layer.name: as_said(layer) for layer in predictors(config)} == built


def test_layers_follow_one_another():
    layers = trunk(SSD512)
    assert (layers[0].size_in, layers[0].channels_in) == (512, 3)
    for before, after in zip(layers, layers[1:]):
        assert (after.size_in, after.channels_in) == (before.size_out, before.channels_out)
    maps = [layer for layer in layers if layer.feature_map is not None]
    assert [layer.feature_map for layer in maps] == list(range(7))
    assert [layer.name for layer in maps] == [row.name for row in SSD512.feature_maps]
    for layer in predictors(SSD512):
        assert (layer.size_in, layer.channels_in) == (
            maps[layer.feature_map].size_out,
            maps[layer.feature_map].channels_out,
        )


def test_rows_by_hand():
    layers = {layer.name: layer for layer in trunk(SSD300) + predictors(SSD300)}
    assert layers["conv6"] == LayerGeometry("conv6", "conv", 3, 1, 6, 6, 512, 1024, 19, 19)
    assert layers["pool3"] == LayerGeometry("pool3", "pool", 2, 2, 0, 1, 256, 256, 75, 38)  # rounded up
    assert layers["conv8_2"] == LayerGeometry("conv8_2", "conv", 3, 2, 1, 1, 256, 512, 19, 10, feature_map=2)
    assert layers["conf.1"] == LayerGeometry("conf.1", "conv", 3, 1, 1, 1, 1024, 6 * 21, 19, 19, feature_map=1)
    assert layers["conv4_3_norm"].channels_out == 512
    assert layers["conf.1"].weight_shape == (3, 3, 1024, 126)


def test_a_config_that_contradicts_itself_is_an_error():
    with pytest.raises(ValueError, match="the config has 3 feature maps, its layers make 4"):
        trunk(replace(SMALL, feature_maps=SMALL.feature_maps[:3]))
    with pytest.raises(ValueError, match="the config has 0 feature maps, its layers make 4"):
        predictors(replace(SMALL, feature_maps=()))
    first = replace(SMALL.feature_maps[0], size=11)
    with pytest.raises(ValueError, match="conv4_1 is 12x12, but the config says 11x11"):
        trunk(replace(SMALL, feature_maps=(first, *SMALL.feature_maps[1:])))
    with pytest.raises(ValueError, match="two layers have the name 'conv4_1'"):
        trunk(replace(SMALL, extra_layers=(replace(SMALL.extra_layers[0], name="conv4"), SMALL.extra_layers[1])))


def test_receptive_field_by_hand():
    # conv1_1 of SSD300 reads pixels -1 to 1; pool1 starts at conv1_2's -2 and reads two units, one pixel apart.
    fields = receptive_fields(trunk(SSD300))
    assert fields["conv1_1"][1:] == (300, -1, 1, 3)
    assert fields["pool1"][1:] == (150, -2, 2, 6)
    assert fields["conv4_3"].box(0, 1).tolist() == [-42 + 8, -42, 50 + 8, 50]  # 92 px around the middle of its cell
    assert fields["conv7"].field == 420
