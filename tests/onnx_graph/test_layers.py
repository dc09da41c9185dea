"""numpyssd.onnx_graph.layers: each node by the standard's words, run in NumPy, against the layer that it stands for."""

from dataclasses import replace

import numpy as np
import onnx_numpy
import pytest
from onnx_cases import NETWORKS, blocky_images, close, layer_graph, lively_model, single_layers

from numpyssd.config import COMPACT, SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY
from numpyssd.export import build
from numpyssd.images.preprocess import normalize
from numpyssd.layers import Layer, MaxPool2d
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.onnx_graph.graph import Graph
from numpyssd.onnx_graph.layers import network


@pytest.mark.parametrize("name", single_layers())
def test_a_layer(name):
    layer, x = single_layers()[name]
    graph, made, out = layer_graph(layer, x)
    theirs = onnx_numpy.run(graph, x=x.transpose(0, 3, 1, 2))[made]
    close(out, theirs.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_whole_network(name):
    model = lively_model(NETWORKS[name])
    images = blocky_images(model.config, 2)
    loc, conf = model.infer(normalize(images, model.config))
    graph = build(model)
    for x, rows in ((images, slice(None)), (images[1:], slice(1, None))):  # any batch
        theirs = onnx_numpy.run(graph, images=x.astype(np.float32))
        close(loc[rows], theirs["loc"])
        close(conf[rows], theirs["conf"])


@pytest.mark.parametrize("preset", [SSD300, SSD512, SSD300_COCO, SSD512_COCO, TINY, COMPACT], ids=lambda c: c.name)
def test_each_preset(preset):
    config = preset if preset is TINY else replace(preset, width=0.02)
    model = SSD(config)
    graph = build(model)
    assert graph.inputs["images"].shape == ("N", config.image_size, config.image_size, 3)
    assert graph.outputs["loc"].shape == ("N", len(default_boxes(config)), 4)
    assert graph.outputs["conf"].shape == ("N", len(default_boxes(config)), config.num_classes)
    # A convolution for each of ours, with a ReLU for each but the predictors, and no normalization left.
    operators = [node.op for node in graph.nodes]
    convolutions = sum(name.endswith(".weight") for name in model.parameters())
    assert operators.count("Conv") == convolutions
    assert operators.count("Relu") == convolutions - 2 * len(config.feature_maps)
    assert operators.count("MaxPool") == sum(isinstance(layer, MaxPool2d) for layer in model.layers())
    assert set(operators) <= set(onnx_numpy.OPERATORS)


def test_the_names_are_the_papers():
    graph = build(SSD(TINY))
    made = {out for node in graph.nodes for out in node.outputs}
    assert {"conv1_1", "pool2", "conv6", "conv10_2", "conv4_3_norm", "loc.0", "conf.4"} <= made
    assert {"conv1_1.weight", "conv1_1.bias", "conv4_3_norm.scale"} <= set(graph.constants)


def test_every_value_is_made_once_and_before_it_is_read():
    graph = build(SSD(TINY), "detections")
    known = {*graph.inputs, *graph.constants}
    for node in graph.nodes:
        assert set(node.inputs) <= known
        assert not set(node.outputs) & known
        known |= set(node.outputs)
    assert set(graph.outputs) <= known
    assert all(array.dtype in (np.float32, np.int64) for array in graph.constants.values())


def test_a_layer_of_another_kind_is_no_silent_gap():
    model = SSD(TINY)
    strange = Layer()
    strange.name = "alone"
    model.stages[0].parts.insert(1, strange)
    with pytest.raises(NotImplementedError, match=r"alone \(Layer\) has no ONNX node; add it to LAYERS"):
        network(Graph(), model, 1)
