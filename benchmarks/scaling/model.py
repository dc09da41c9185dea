"""How long a step takes, from its parts: computing, adding up in a machine, adding up between machines.

    step = fixed + per_image x images of a rank  +  sum in a machine  +  2 (M - 1) / M x bytes / bandwidth

``fixed`` is what a step costs whatever the batch: the weights are transformed for Winograd, and move. What the model
leaves out: ranks that wait for a slower one, and cores that share their memory.
"""

from typing import NamedTuple

import numpy as np

GIGABIT = 0.11e9  # bytes in a second that a network of 1 Gb/s carries: 0.125e9 less the headers and some pauses
LATENCY = 50e-6  # seconds of a message between machines, over Ethernet
EXCHANGES = 6  # messages that follow one another in a step: three small exchanges, two phases of the sum, one to spare


class Parts(NamedTuple):
    """What was measured on one machine; ``threads`` of each rank."""

    threads: int
    fixed: float  # seconds of a step whatever the images
    per_image: float  # seconds
    bytes: int  # of the gradient
    sum_of_two: float  # seconds to add up the gradients of two ranks in a machine


def fitted(seconds: dict[int, float]) -> tuple[float, float]:
    """Return fixed and per_image for the seconds of a step with so many images: the line of least squares."""
    images, times = (np.array(values, float) for values in (list(seconds), list(seconds.values())))
    per_image, fixed = np.polyfit(images, times, 1)
    return float(max(fixed, 0)), float(per_image)


def computing(parts: Parts, images: float) -> float:
    """Return the seconds that a rank computes in a step."""
    return parts.fixed + parts.per_image * images


def sum_in_machine(parts: Parts, ranks: int) -> float:
    """Return the seconds of the sum in a machine, if each core moves as many bytes in a second as here.

    Each rank sends and receives 2 (R - 1) / R of the gradient: of two ranks, once.
    """
    return parts.sum_of_two * 2 * (ranks - 1) / ranks


def sum_between(parts: Parts, machines: int, gigabits: float) -> float:
    """Return the seconds of the sum between machines: their cards carry 2 (M - 1) / M of the gradient each way."""
    if machines == 1:
        return 0.0
    return 2 * (machines - 1) / machines * parts.bytes / (gigabits * GIGABIT) + EXCHANGES * LATENCY


class Prediction(NamedTuple):
    """A step of so many machines and ranks."""

    machines: int
    ranks: int  # on each machine
    images: int  # of each rank
    gigabits: float
    step: float
    images_per_second: float
    efficiency: float  # images per second, of as many ranks that need not add up


def predicted(parts: Parts, machines: int, ranks: int, images: int, gigabits: float = 10) -> Prediction:
    """Return the Prediction for a step."""
    alone = computing(parts, images)
    step = alone + sum_in_machine(parts, ranks) + sum_between(parts, machines, gigabits)
    speed = machines * ranks * images / step
    return Prediction(machines, ranks, images, gigabits, step, speed, alone / step)
