"""Whole networks through the backend cuda, on the processor: layer by layer, and what is moved between the places."""

from dataclasses import replace

import numpy as np
import pytest
from double import Double, in_place_of_the_gpu

from numpyssd import kernels
from numpyssd.config import SSD300, TINY
from numpyssd.layers import ConvBlock
from numpyssd.model.ssd import SSD

# SSD300's own sizes, strides, paddings and dilations, with an eighth of the channels: a 64th of the work.
CONFIGS = {"tiny": TINY, "ssd300": replace(SSD300, width=0.125), "normalized": replace(TINY, batch_norm=True)}


def passes(model, images):
    """Return loc, conf and every parameter's gradient, by name."""
    rng = np.random.default_rng(1)
    loc, conf = model.forward(images)
    model.backward(*(rng.standard_normal(a.shape).astype(np.float32) for a in (loc, conf)))
    return {"loc": loc, "conf": conf} | {name: parameter.grad for name, parameter in model.parameters().items()}


def noise_images(config):
    """Return two images of noise."""
    shape = 2, config.image_size, config.image_size, 3
    return (np.random.default_rng(0).standard_normal(shape) * 50).astype(np.float32)


def noted(layer, notes):
    """Let a layer write down what it gets and gives, in both directions."""
    for direction in ("forward", "backward"):
        method = getattr(layer, direction)

        def note(x, method=method, direction=direction):
            result = method(x)
            notes[layer.name, direction] = x, result, getattr(layer, "out", None)
            return result

        setattr(layer, direction, note)


def distance(found, expected):
    """Return how far an array is from another one, relative to its length."""
    return np.linalg.norm(kernels.active.to_host(found) - expected) / max(np.linalg.norm(expected), 1e-30)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_layer_forwards_and_backwards_is_that_of_the_reference(name):
    # Each layer gets what the reference's got, so that no difference is handed on; and as rounding decides on which
    # side of zero some units fall, the reference decides it for both.
    config, notes = CONFIGS[name], {}
    with kernels.using("reference"):
        model = SSD(config)
        model.training = True
        for block in (part for stage in model.stages for part in stage.parts if isinstance(part, ConvBlock)):
            block.together = False  # each layer by itself; normalization and pooling in one are in the next test
        for layer in model.layers():
            noted(layer, notes)
        expected = passes(model, noise_images(config))
    with in_place_of_the_gpu(Double()) as double:
        model = SSD(config)
        model.training = True
        for layer in model.layers():
            x, out, rectified = notes[layer.name, "forward"]
            assert distance(layer.forward(kernels.active.to_device(x)), out) < 1e-4, layer.name
            if rectified is not None:
                layer.out = kernels.active.to_device(rectified)
            dout, dx, _ = notes[layer.name, "backward"]
            found = layer.backward(kernels.active.to_device(dout))
            assert (found is None) == (dx is None)
            assert dx is None or distance(found, dx) < 1e-4, layer.name
            for parameter, array in layer.parameters().items():
                exact = expected[parameter]
                tiny = np.linalg.norm(exact) < 1e-4 * np.linalg.norm(dout)  # a bias before batch normalization
                assert tiny or distance(array.grad, exact) < 1e-4, parameter
    assert double.launches["conv2d_tile_kernel"] == sum("weight" in name for name in expected)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_whole_network_is_that_of_the_reference(name):
    found = []
    for make in (lambda: kernels.using("reference"), lambda: in_place_of_the_gpu(Double())):
        with make():
            model = SSD(CONFIGS[name])
            model.training = name == "normalized"
            found.append(passes(model, noise_images(model.config)))
    gaps = {name: distance(found[1][name], array) for name, array in found[0].items()}
    assert gaps["loc"] < 1e-4
    assert gaps["conf"] < 1e-4
    assert np.median(list(gaps.values())) < 1e-3  # with the units that rounding switches


@pytest.fixture
def double():
    """The double, as the active backend, with memory that is used again."""
    with in_place_of_the_gpu(Double(), reuse=True) as found:
        yield found


def counts(double):
    """Return how often something was moved, and memory asked for."""
    return double.uploads, double.downloads, double.allocations


def test_nothing_is_moved_inside_forward_and_backward(double):
    model = SSD(CONFIGS["normalized"])
    model.training = True
    cuda = kernels.active
    images = cuda.to_device(np.ones((1, 64, 64, 3), np.float32))
    loc, conf = model.forward(images)  # brings the weights
    model.backward(loc, conf)
    before = counts(double)
    for _ in range(2):
        loc, conf = model.forward(images)
        model.backward(loc, conf)
        model.infer(images)
    assert counts(double)[:2] == before[:2]


def test_memory_is_used_again(double):
    model = SSD(CONFIGS["normalized"])
    images = kernels.active.to_device(np.ones((1, 64, 64, 3), np.float32))
    for step in range(4):
        before = double.allocations
        loc, conf = model.forward(images)
        model.backward(loc, conf)
        if step >= 2:  # the first two settle which buffers lie where
            assert double.allocations == before


def test_a_weight_is_moved_once_and_back_when_somebody_looks(double):
    model = SSD(TINY)
    images = np.ones((1, 64, 64, 3), np.float32)
    model.forward(images)
    before = counts(double)
    model.forward(images)
    assert counts(double)[0] == before[0] + 1  # the images
    weight = model.parameters()["conv1_1.weight"]
    assert isinstance(weight.value, np.ndarray)
    weight.value[...] = 0  # what is changed here counts there
    loc = model.forward(images)[0]
    weight.value[...] = 1
    assert (model.forward(images)[0] != loc).any()


def test_the_host_cannot_read_an_array_of_the_gpu_by_accident(double):
    array = kernels.active.to_device(np.ones((2, 3), np.float32))
    for read in (np.asarray, np.sum, lambda a: a[0], float, list, lambda a: a + 1):
        with pytest.raises(TypeError):
            read(array)


def test_what_is_not_float32_is_refused(double):
    with pytest.raises(ValueError, match="computes in float32, but the array .* is float64"):
        SSD(TINY).forward(np.ones((1, 64, 64, 3)))
