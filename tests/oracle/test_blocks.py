"""A block of the network (convolution, batch normalization, ReLU, max pooling), forward and backward, against torch."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from numpyssd.layers import ConvBlock, MaxPool2d

CASES = [  # images, height, width, channels in and out, size of the pooling (0: none), ceil_mode
    (2, 9, 7, 3, 16, 2, True), (2, 9, 7, 3, 16, 2, False), (3, 8, 8, 16, 24, 3, True), (2, 6, 5, 4, 5, 2, True),
    (2, 6, 5, 16, 16, 0, False), (4, 1, 1, 16, 16, 1, False),
]  # fmt: skip


def tensor(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("training", [True, False], ids=["training", "running averages"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_block_is_torchs(case, training):
    images, height, width, channels_in, channels_out, size, ceil_mode = case
    rng = np.random.default_rng(0)
    pool = MaxPool2d("pool", size, size, ceil_mode=ceil_mode) if size else None
    block = ConvBlock("conv", rng, channels_in, channels_out, batch_norm=True, pool=pool)
    block.training = training
    for parameter in block.parameters().values():
        parameter.value = rng.standard_normal(parameter.value.shape)
    for name in ("mean", "variance"):
        block.norm.running[name] = rng.uniform(0.5, 2, channels_out)
    x = rng.standard_normal((images, height, width, channels_in))
    out = block.forward(x)
    dout = rng.standard_normal(out.shape)

    theirs = {name: tensor(parameter.value) for name, parameter in block.parameters().items()}
    theirs["x"] = tensor(x)
    running = [torch.tensor(np.asarray(block.norm.running[name])) for name in ("mean", "variance")]
    weight, bias = theirs["conv.weight"].permute(3, 2, 0, 1), theirs["conv.bias"]
    y = functional.conv2d(theirs["x"].permute(0, 3, 1, 2), weight, bias, padding=1)
    y = functional.batch_norm(y, *running, theirs["conv_bn.scale"], theirs["conv_bn.shift"], training, eps=1e-5)
    y = functional.relu(y)
    y = (functional.max_pool2d(y, size, ceil_mode=ceil_mode) if size else y).permute(0, 2, 3, 1)
    np.testing.assert_allclose(out, y.detach().numpy(), rtol=1e-9, atol=1e-9)

    y.backward(torch.tensor(dout))
    found = {name: parameter for name, parameter in theirs.items() if name != "x"}
    np.testing.assert_allclose(block.backward(dout), theirs["x"].grad.numpy(), rtol=1e-8, atol=1e-8)
    for name, parameter in block.parameters().items():
        np.testing.assert_allclose(parameter.grad, found[name].grad.numpy(), rtol=1e-8, atol=1e-8, err_msg=name)
