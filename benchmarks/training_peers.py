"""One step of training in each framework: forward, backward from given gradients of the outputs, SGD with momentum.

Peers as in peers.py, but ``outputs()`` makes the first step and returns loc, conf, and every gradient by its name in
numpyssd.
PyTorch starts its backward pass from dloc and dconf, which is the gradient of (loc * dloc).sum() + (conf * dconf).sum()
without the cost of that sum; nobody computes the gradient of the images.
"""

import numpy as np

from benchmarks.peers import load_torch, use_threads
from numpyssd.model.ssd import SSD
from numpyssd.training.optimizer import SGD

LR, MOMENTUM, WEIGHT_DECAY = 1e-3, 0.9, 5e-4


def output_gradients(job):
    """Return random dloc (N, K, 4) and dconf (N, K, C), divided by N * K so that the weights stay finite."""
    boxes = sum(row.size**2 * row.boxes_per_cell for row in job.config.feature_maps)
    rng = np.random.default_rng(job.seed + 1)
    shapes = [(job.batch_size, boxes, values) for values in (4, job.config.num_classes)]
    return [rng.standard_normal(shape, np.float32) / np.float32(job.batch_size * boxes) for shape in shapes]


class Numpyssd:
    """This project."""

    name = "numpyssd"

    def __init__(self, job):
        use_threads(job)
        self.model, self.x, self.douts = SSD(job.config, job.seed), job.images(), output_gradients(job)
        self.optimizer = SGD(self.model.parameters(), LR, MOMENTUM, WEIGHT_DECAY)

    def run(self):
        """Make a step."""
        found = self.model.forward(self.x)
        self.model.backward(*self.douts)
        self.optimizer.step()
        return found

    def outputs(self):
        """Make a step and return its loc, conf and gradients by name."""
        found = dict(zip(("loc", "conf"), self.run()))
        return found | {name: parameter.grad for name, parameter in self.model.parameters().items()}


class PyTorch:
    """PyTorch as it comes: eager, planes of channels, torch.optim.SGD."""

    name, channels_last = "PyTorch", False

    def __init__(self, job):
        self.torch = load_torch(job)
        layout = {"memory_format": self.torch.channels_last} if self.channels_last else {}
        self.network = self.torch.load(job.folder / "network.pt", weights_only=False).train().to(**layout)
        self.x = self.torch.from_numpy(job.planes()).to(**layout)
        self.douts = [self.torch.from_numpy(array) for array in output_gradients(job)]
        named = dict(self.network.named_parameters())
        biases = [value for name, value in named.items() if name.endswith(".bias")]
        others = [value for name, value in named.items() if not name.endswith(".bias")]
        # Caffe's rule, as in training/optimizer.py: biases at twice the rate and without decay.
        groups = [{"params": others, "weight_decay": WEIGHT_DECAY}, {"params": biases, "lr": 2 * LR}]
        self.optimizer = self.torch.optim.SGD(groups, LR, MOMENTUM)

    def run(self):
        """Make a step."""
        self.optimizer.zero_grad()
        found = self.network(self.x)
        self.torch.autograd.backward(found, self.douts)
        self.optimizer.step()
        return found

    def outputs(self):
        """Make a step and return its loc, conf and gradients by name, as our arrays."""
        from benchmarks.network import as_ours, parameters

        found = {name: array.detach().numpy() for name, array in zip(("loc", "conf"), self.run())}
        return found | {name: as_ours(parameter.grad) for name, parameter in parameters(self.network).items()}


class PyTorchChannelsLast(PyTorch):
    """PyTorch with the channels of a pixel side by side."""

    name, channels_last = "PyTorch channels_last", True


class Float64:
    """Not timed: the gradients of numpyssd and of PyTorch in float64, where hardly a kink falls to the other side."""

    name = "float64"

    def __init__(self, job):
        use_threads(job)
        self.job, self.torch = job, load_torch(job)

    def outputs(self):
        """Return the relative length of the difference of each gradient, by name."""
        from benchmarks.network import Network, as_ours, parameters

        model, job, from_numpy = SSD(self.job.config, self.job.seed), self.job, self.torch.from_numpy
        network = Network(model).double()
        for parameter in model.parameters().values():
            parameter.value = parameter.value.astype(np.float64)
        douts = [dout.astype(np.float64) for dout in output_gradients(job)]
        model.forward(job.images().astype(np.float64))
        model.backward(*douts)
        self.torch.autograd.backward(network(from_numpy(job.planes()).double()), [from_numpy(dout) for dout in douts])
        theirs = {name: as_ours(parameter.grad) for name, parameter in parameters(network).items()}
        return {name: relative_length(theirs[name], p.grad) for name, p in model.parameters().items()}


def relative_length(array, ours):
    """Return the length of the difference of two arrays, relative to the length of ours."""
    return float(np.linalg.norm(array - ours) / np.linalg.norm(ours))


PEERS = (Numpyssd, PyTorch, PyTorchChannelsLast)
