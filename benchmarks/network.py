"""The graph of numpyssd as a PyTorch module with the same parameters, and as an ONNX file made from that module.

The module is built from the layers of a numpyssd model, one by one, and its parameters are that model's, transposed:
PyTorch's arrays are (N, C, H, W) and its weights (out, in, kh, kw), ours (N, H, W, C) and (kh, kw, in, out).
"""

import warnings

import numpy as np
import torch
from torch import nn

from numpyssd import kernels
from numpyssd.layers import Conv2d, MaxPool2d
from numpyssd.model.ssd import SSD


class Network(nn.Module):
    """numpyssd.model.ssd.SSD for x (N, 3, S, S): loc (N, K, 4) and conf (N, K, C), in our order of default boxes."""

    def __init__(self, model):
        super().__init__()
        predictors = model.predictors
        self.num_classes = predictors.num_classes
        self.stages = nn.ModuleList(stage(part.layers()) for part in model.stages)
        self.conv4_3_norm = L2Norm(predictors.norm)
        self.loc = nn.ModuleList(convolution(layer) for layer in predictors.loc)
        self.conf = nn.ModuleList(convolution(layer) for layer in predictors.conf)

    def forward(self, x):
        """Return loc (N, K, 4) and conf (N, K, C)."""
        features = []
        for part in self.stages:
            x = part(x)  # (N, channels, H, W)
            features.append(x)
        features[0] = self.conv4_3_norm(features[0])
        loc = [rows(layer(x), 4) for layer, x in zip(self.loc, features)]
        conf = [rows(layer(x), self.num_classes) for layer, x in zip(self.conf, features)]
        return torch.cat(loc, dim=1), torch.cat(conf, dim=1)


class L2Norm(nn.Module):
    """L2 normalization over channels, with epsilon inside the root (see kernels/reference/l2norm.py)."""

    def __init__(self, layer):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(layer.scale.value))  # (C,)

    def forward(self, x):
        """Return an array of x's shape."""
        length = (x.square().sum(dim=1, keepdim=True) + 1e-10).sqrt()  # (N, 1, H, W)
        return x / length * self.scale.view(1, -1, 1, 1)


def rows(x, values):
    """Flatten a predictor's output (N, boxes * values, H, W) to (N, H * W * boxes, values): row, column, box."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, values)


def convolution(layer):
    """Return the module of one of our convolutions, without the ReLU after it."""
    kernel, _, channels_in, channels_out = layer.weight.value.shape
    geometry = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    module = nn.Conv2d(channels_in, channels_out, kernel, **geometry)
    weight = np.ascontiguousarray(layer.weight.value.transpose(3, 2, 0, 1))  # (out, in, kh, kw)
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(weight))
        module.bias.copy_(torch.from_numpy(layer.bias.value))
    return module


def stage(layers):
    """Return the modules of one stage under the names of its layers. Raises ValueError for a layer it does not know."""
    found = nn.Sequential()
    for layer in layers:
        if isinstance(layer, Conv2d):
            found.add_module(layer.name, convolution(layer))
            if layer.relu:
                found.add_module(f"{layer.name}_relu", nn.ReLU(inplace=True))
        elif isinstance(layer, MaxPool2d):
            geometry = {"padding": layer.padding, "ceil_mode": layer.ceil_mode}
            found.add_module(layer.name, nn.MaxPool2d(layer.size, layer.stride, **geometry))
        else:
            raise ValueError(f"{layer.name}: only networks without batch normalization are compared")
    return found


def parameters(network):
    """Return a dictionary from the name in numpyssd, such as ``conv1_1.weight``, to the parameter of the module."""
    named = network.named_parameters()  # ours lie in "stages.0.conv1_1.weight", the predictors' in "loc.0.weight"
    return {name.split(".", 2)[2] if name.startswith("stages.") else name: value for name, value in named}


def as_ours(array):
    """Return a weight of PyTorch's (out, in, kh, kw), or its gradient, as our (kh, kw, in, out); others as they are."""
    array = array.detach().numpy()
    return array.transpose(2, 3, 1, 0) if array.ndim == 4 else array


def save_onnx(network, batch_size, image_size, path):
    """Write the module as ONNX for one batch size: input ``x`` (N, 3, S, S), outputs ``loc`` and ``conf``."""
    x = torch.zeros(batch_size, 3, image_size, image_size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch would rather have its newer exporter, which needs another package
        torch.onnx.export(network, (x,), path, dynamo=False, input_names=["x"], output_names=["loc", "conf"])


def prepare(job):
    """Write network.pt, traced.pt and network.onnx into the folder of a job (see peers.py), for the peers to load.

    In a process of its own, so that none of this counts as any peer's memory. Our kernels are compiled here too.
    """
    network = Network(SSD(job.config, job.seed)).eval()
    torch.save(network, job.folder / "network.pt")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # PyTorch would rather have its newer exporters, which ncnn's converter cannot read
        torch.jit.trace(network, torch.from_numpy(job.planes())).save(job.folder / "traced.pt")
    save_onnx(network, job.batch_size, job.config.image_size, job.folder / "network.onnx")
    kernels.use("cpu").warm_up()
