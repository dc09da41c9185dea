"""The next batch on its way to the card while the kernels work on this one."""

import numpy as np

from numpyssd.kernels.cuda.runtime.device import card
from numpyssd.kernels.cuda.runtime.memory import empty


class Ahead:
    """Sends batches, each a list of arrays; there are two sets of buffers, and batches take turns.

    So a batch may lie on the card, and the next be on its way; who asks for the one after that must be done with the
    first. A step of training is: it fetches the loss from the card, for which all kernels before must have ended.
    """

    def __init__(self):
        self.sets, self.turn = ([], []), 0

    def send(self, arrays):
        """Begin to send NumPy arrays, each with the dtype that it is to have; return a Sent."""
        slot = self.sets[self.turn]
        self.turn = 1 - self.turn
        if [a.shape for _, a in slot] != [a.shape for a, _ in arrays]:
            slot[:] = [(card().pinned(a.size, dtype), empty(a.shape, dtype, fresh=True)) for a, dtype in arrays]
        for (pinned, _), (array, _) in zip(slot, arrays):
            np.copyto(pinned, array.reshape(-1), casting="same_kind")
        there = [a for _, a in slot]
        memories = [a.data.reshape(a.size) for a in there]
        return Sent(there, card().upload_beside([pinned for pinned, _ in slot], memories))


class Sent:
    """Arrays that are on their way."""

    def __init__(self, arrays, ticket):
        self.arrays, self.ticket = arrays, ticket

    def arrived(self):
        """Return the DeviceArrays; kernels that use them wait by themselves until all has come."""
        card().wait_for(self.ticket)
        return self.arrays
