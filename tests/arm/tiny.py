"""A forward and a backward pass of the tiny network: python -m tests.arm.tiny BACKEND FILE.npz"""

import sys

import numpy as np

from numpyssd import kernels
from numpyssd.config import TINY
from numpyssd.model.ssd import SSD


def passes(backend):
    """Return loc, conf and the gradient of each parameter, by name, for random weights, images and gradients."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((2, TINY.image_size, TINY.image_size, 3)).astype(np.float32) * 50
    with kernels.using(backend):
        model = SSD(TINY)
        loc, conf = model.forward(images)
        model.backward(*(rng.standard_normal(a.shape).astype(np.float32) / np.float32(a.shape[1]) for a in (loc, conf)))
    return {"loc": loc, "conf": conf} | {name: p.grad for name, p in model.parameters().items()}


if __name__ == "__main__":
    np.savez(sys.argv[2], **passes(sys.argv[1]))
