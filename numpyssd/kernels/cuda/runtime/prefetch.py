"""Prefetch: the next batch is uploaded to the GPU while the kernels work on this one."""

import numpy as np

from numpyssd.kernels.cuda.runtime.device import gpu
from numpyssd.kernels.cuda.runtime.memory import empty


class Prefetcher:
    """Uploads batches, each a list of arrays, into two sets of buffers that take turns.

    So one batch may lie on the GPU while the next one is uploaded. Whoever sends a third one must be done with the
    first. A training step is: it downloads the loss, and the download waits for all kernels before it.
    """

    def __init__(self):
        self.sets, self.turn = ([], []), 0

    def send(self, arrays):
        """Begin to upload a list of (NumPy array, the dtype it shall have); return a Transfer."""
        slot = self.sets[self.turn]
        self.turn = 1 - self.turn
        if [a.shape for _, a in slot] != [a.shape for a, _ in arrays]:
            slot[:] = [(gpu().pinned(a.size, dtype), empty(a.shape, dtype, fresh=True)) for a, dtype in arrays]
        for (pinned, _), (array, _) in zip(slot, arrays):
            np.copyto(pinned, array.reshape(-1), casting="same_kind")
        targets = [a for _, a in slot]
        memories = [a.data.reshape(a.size) for a in targets]
        return Transfer(targets, gpu().upload_beside([pinned for pinned, _ in slot], memories))


class Transfer:
    """An upload that has begun."""

    def __init__(self, arrays, ticket):
        self.arrays, self.ticket = arrays, ticket

    def wait(self):
        """Return the DeviceArrays; the kernels launched from now on wait until the upload is complete."""
        gpu().wait_for(self.ticket)
        return self.arrays
