"""Whoever computes a training step with others (numpyssd/ranks), or alone: what the training loop asks of it.

A process that trains together with others is called a rank, as in MPI. It makes and computes only its own images of
each batch, in its own parts, and the ranks exchange what the step needs of the whole batch. OneProcess has no others:
whatever it asks them for is its own.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.training.by_halves import total
from numpyssd.training.micro_batches import split


class OneProcess:
    """The only rank; the contract of the others, numpyssd.ranks.world.World."""

    rank, size = 0, 1
    first = True  # whether this is rank 0, which alone writes and prints

    def parts(self, images: int, micro_batch: int | None) -> list[tuple[int, int]]:
        """Return the parts that this rank computes, [(first, last), ...], in its images of a batch."""
        return split(images, micro_batch)

    def from_first(self, make):
        """Return on every rank what ``make()`` returns on rank 0."""
        return make()

    def gather(self, values: list) -> list:
        """Return the values of rank 0, then those of rank 1, and so on; on every rank."""
        return values

    def own(self, of_batch: np.ndarray) -> np.ndarray:
        """Return of an array with a row for each image of the whole batch those of this rank."""
        return of_batch

    def from_owner(self, part: int, make):
        """Return on every rank what ``make(n)`` returns on the one that has computed a part as its own part n."""
        return make(part)

    def neighbors(self) -> list[int]:
        """Return the ranks on this machine."""
        return [self.rank]

    def in_words(self) -> str:
        """Return how the batches are shared, in the middle of a sentence."""
        return ""

    def sum_gradients(self, parts: int, gradients_of, parameters) -> list:
        """Return the sum over the parts of all ranks, an array for each parameter; parts: how many are one's own.

        gradients_of: a function from the number of an own part to its gradients; it is called once for each, in order.
        """
        return own_sum((0, parts), gradients_of, parameters)


def own_sum(span, gradients_of, parameters) -> list:
    """Return the sum of a span of the parts that this process computes, an array for each parameter."""

    def value_of(span):
        return gradients_of(span[0]) if span[1] - span[0] == 1 else None

    def add(some, others):
        for n, parameter in enumerate(parameters):  # one by one, so that memory is free for the next sum
            some[n] = parameter.grad = kernels.active.add(some[n], others[n])
        return some

    return total(span, value_of, add)


ALONE = OneProcess()
