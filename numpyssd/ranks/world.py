"""This process among those that mpiexec has started, for the training loop: the contract training/one_process.py."""

import pickle

import numpy as np

from numpyssd.console import counted
from numpyssd.ranks.gradient_sum import GradientSum
from numpyssd.ranks.launcher import Launch, import_mpi
from numpyssd.ranks.machines import machines_of, own_place, threads_of
from numpyssd.ranks.news import News
from numpyssd.ranks.route import Route
from numpyssd.ranks.share import Share
from numpyssd.ranks.waiting import Waiting
from numpyssd.training.one_process import OneProcess, own_sum

SMALL = 504  # bytes that are exchanged at once, behind their number


class World(OneProcess):
    """All ranks, seen from one of them. Raises InputError if MPI cannot be used.

    Whatever its methods exchange, all ranks must call them, in the same order.
    """

    def __init__(self, launch: Launch):
        self.mpi = import_mpi(launch)
        self.comm = self.mpi.COMM_WORLD
        self.rank, self.size, self.first = self.comm.rank, self.comm.size, self.comm.rank == 0
        self.news = News(self.comm)
        self.waiting = Waiting(self.news)
        self.places = self.gather([own_place()])
        self.news.names |= {rank: f"rank {rank}, {self.places[rank]}" for rank in self.news.others}
        self.machines = machines_of(self.places)
        self.wire = "float32"
        self.share: Share | None = None  # of the batches
        self.gradient_sum: GradientSum | None = None

    def divide(self, share: Share):
        """Say whose the parts of a batch are, before training."""
        self.share, self.gradient_sum = share, None

    # ---- what the training loop asks --------------------------------------------------------------------------------

    def parts(self, images, micro_batch):
        """Return this rank's parts, in its own images; they were fixed when the batches were shared."""
        return self.share.own_parts(self.rank)

    def from_first(self, make):
        """Return on every rank what ``make()`` returns on rank 0; it is pickled."""
        if self.first:
            value = make()
            self.broadcast(pickle.dumps(value))
            return value
        return pickle.loads(self.broadcast(b""))

    def gather(self, values):
        """Return the values of rank 0, then those of rank 1, and so on; they are pickled."""
        return [value for data in self.exchange(pickle.dumps(values)) for value in pickle.loads(data)]

    def own(self, of_batch):
        """Return the rows of this rank's images."""
        return of_batch[self.share.rows(self.rank)]

    def from_owner(self, part, make):
        """Return on every rank what ``make(n)`` returns on the one that has computed a part as its own part n."""
        mine = self.share.owner(part) == self.rank
        first, _ = self.share.of_ranks[self.rank]
        (found,) = self.gather([make(part - first)] if mine else [])
        return found

    def sum_gradients(self, parts, gradients_of, parameters):
        """Return the sum over all parts; those of this rank are added first, as far as the tree goes on one rank."""
        first, last = self.share.of_ranks[self.rank]
        if self.gradient_sum is None:
            sizes = [parameter.value.size for parameter in parameters]
            route = Route(self.share.of_ranks, self.machines)
            self.gradient_sum = GradientSum(self.comm, self.mpi, self.waiting, route, sizes, self.wire)

        def gradients_of_part(part):
            return gradients_of(part - first)

        held = {span: own_sum(span, gradients_of_part, parameters) for span in self.gradient_sum.own_spans}
        return self.gradient_sum.add(held)

    # ---- exchange ---------------------------------------------------------------------------------------------------

    def exchange(self, data: bytes) -> list[bytes]:
        """Return the bytes of all ranks."""
        sent, blocks = np.zeros(8 + SMALL, np.uint8), np.empty((self.size, 8 + SMALL), np.uint8)
        sent[:8].view(np.int64)[0] = len(data)
        sent[8 : 8 + len(data)] = np.frombuffer(data[:SMALL], np.uint8)
        self.finish(self.comm.Iallgather, sent, blocks)
        lengths = blocks[:, :8].copy().view(np.int64)[:, 0]
        found = [block[8 : 8 + length].tobytes() for block, length in zip(blocks, lengths)]
        rest = np.maximum(lengths - SMALL, 0)
        if rest.any():
            all_rest, starts = np.empty(rest.sum(), np.uint8), np.cumsum(rest) - rest
            own_rest = np.frombuffer(data, np.uint8)[SMALL:]
            self.finish(self.comm.Iallgatherv, own_rest, [all_rest, rest, starts, self.mpi.BYTE])
            found = [a + all_rest[s : s + n].tobytes() for a, s, n in zip(found, starts, rest)]
        return found

    def broadcast(self, data: bytes) -> bytes:
        """Return the bytes that rank 0 has given."""
        length = np.array([len(data)])
        self.finish(self.comm.Ibcast, length)
        array = np.frombuffer(bytearray(data) if self.first else bytearray(int(length[0])), np.uint8)
        self.finish(self.comm.Ibcast, array)
        return array.tobytes()

    def broadcast_array(self, array: np.ndarray):
        """Fill an array of every rank with what rank 0 has in it."""
        self.finish(self.comm.Ibcast, array)

    def finish(self, start, *arguments):
        """Start what MPI does with all ranks, and wait for its end."""
        with self.news.lock:
            request = start(*arguments)
        self.waiting.until(lambda: not request.Test())

    # ---- what this machine does -------------------------------------------------------------------------------------

    def threads(self, alone: int) -> int:
        """Return how many threads this rank takes; alone: how many it would take with the machine to itself."""
        return threads_of(self.rank, self.places, alone)

    def neighbors(self) -> list[int]:
        """Return the ranks on this machine."""
        return next(ranks for ranks in self.machines if self.rank in ranks)

    def in_words(self):
        """Return how the batches are shared: " of each of 4 ranks on 2 machines, in 4 parts of 2 images ..."."""
        machines = counted(len(self.machines), "machine")
        return f" of each of {self.size} ranks on {machines}, {self.share.in_words()}"
