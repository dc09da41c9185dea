"""model.architecture: every convolution of the network is in the figure, and each feature map has its arrow."""

from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.drawing import new_figure
from numpyssd.model.architecture import blocks, draw_architecture
from numpyssd.model.geometry import trunk


def test_blocks_hold_every_convolution_once_in_order():
    for config in (SSD300, SSD512, TINY):
        layers = [layer.name for block in blocks(config) for layer in block.layers]
        assert layers == [layer.name for layer in trunk(config) if layer.kind == "conv"]
    assert [block.title for block in blocks(SSD300)][3:6] == ["conv4", "conv5", "conv6, conv7"]


def drawn(config):
    _, ax = new_figure()
    draw_architecture(ax, config)
    return ax, [text.get_text() for text in ax.texts]


def test_the_figure_has_a_slab_for_each_convolution_and_the_counts_of_the_boxes():
    ax, words = drawn(SSD300)
    convolutions = sum(layer.kind == "conv" for layer in trunk(SSD300))
    assert len(ax.patches) == 1 + convolutions + 1  # the image, the layers, the predictors
    for expected in ("conv4\n38 x 38\nx 512", "5776", "4", "VGG-16, trained on ImageNet"):
        assert expected in words
    assert any("8732 default boxes" in text for text in words)


def test_only_vgg_is_called_vgg():
    _, words = drawn(TINY)
    assert not any("VGG" in text for text in words)
    assert any("1504 default boxes" in text for text in words)
