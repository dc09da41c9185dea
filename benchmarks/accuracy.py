"""How far float32 is from float64: the feature maps and gradients of SSD300, ours and PyTorch's.

    python -m benchmarks.accuracy

Random images and gradients of the outputs. Maps: the largest difference, relative to the largest value. Gradients:
the length of the difference, relative to the length, of all of them together and of each array.
"""

import numpy as np
import torch

from benchmarks.network import Network, as_ours, parameters
from numpyssd import kernels
from numpyssd.config import SSD300
from numpyssd.model.ssd import SSD


def feature_maps(model, x):
    """Return the output of each stage."""
    found = []
    for stage in model.stages:
        x = stage.forward(x)
        found.append(x)
    return found


def report(name, gradients, exact):
    """Print one line about gradients in float32."""
    gaps = {key: np.linalg.norm(gradients[key] - exact[key]) for key in exact}
    lengths = {key: np.linalg.norm(array) for key, array in exact.items()}
    whole = np.hypot.reduce(list(gaps.values())) / np.hypot.reduce(list(lengths.values()))
    each = {key: gaps[key] / lengths[key] for key in exact}
    worst = max(each, key=each.get)
    print(f"{name}: all {whole:.1e}, median array {np.median(list(each.values())):.1e}, {worst} {each[worst]:.1e}")


def main():
    """Compare and print."""
    kernels.use("cpu").warm_up()
    model = SSD(SSD300)
    network = Network(model)
    x = np.random.default_rng(0).standard_normal((1, 300, 300, 3), np.float32) * 50
    maps = feature_maps(model, x)
    loc, conf = model.forward(x)
    rng = np.random.default_rng(1)
    douts = [rng.standard_normal(array.shape, np.float32) / np.float32(array.shape[1]) for array in (loc, conf)]
    model.backward(*douts)
    ours = {name: parameter.grad.astype(float) for name, parameter in model.parameters().items()}
    outputs = network(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))))
    torch.autograd.backward(outputs, [torch.from_numpy(dout) for dout in douts])
    theirs = {name: as_ours(parameter.grad).astype(float) for name, parameter in parameters(network).items()}
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(float)
    exact = feature_maps(model, x.astype(float))
    errors = [np.abs(a - b).max() / np.abs(b).max() for a, b in zip(maps, exact)]
    print("feature maps:", ", ".join(f"{row.name} {e:.1e}" for row, e in zip(SSD300.feature_maps, errors)))
    model.forward(x.astype(float))
    model.backward(*(dout.astype(float) for dout in douts))
    gradients = {name: parameter.grad for name, parameter in model.parameters().items()}
    report("gradients, numpyssd", ours, gradients)
    report("gradients, PyTorch", theirs, gradients)


if __name__ == "__main__":
    main()
