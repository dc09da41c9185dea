"""Schedules of the learning rate (paper, section 3; Caffe: ssd_pascal.py; the cosine: Loshchilov and Hutter, 2017)."""

from tests.golden.rules.exact import cos_pi


def multistep(iteration, iterations, lr, warm_up=0):
    """Return the rate: a tenth from 2/3 of the run on (80,000 of 120,000), a hundredth from 5/6 on (100,000)."""
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    drops = (3 * iteration >= 2 * iterations) + (6 * iteration >= 5 * iterations)
    return lr / 10**drops


def cosine(iteration, iterations, lr, warm_up=0):
    """Return the rate: half a cosine from lr down to zero."""
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    return lr * (1 + cos_pi(min(1.0, (iteration - warm_up) / max(1, iterations - warm_up)))) / 2
