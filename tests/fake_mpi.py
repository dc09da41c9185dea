"""As much of MPI as a sum of gradients asks for, between threads of one process: messages are put into boxes."""

import threading
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np

from numpyssd.ranks.waiting import Waiting


class Request:
    """What Isend and Irecv return."""

    def __init__(self, done):
        self.done, self.finished = done, False

    def Test(self):
        self.finished = self.finished or self.done()
        return self.finished

    Get_status = Test

    @staticmethod
    def Testall(requests):
        return all(list(map(Request.Test, requests)))  # each of them is tested


MPI = SimpleNamespace(Request=Request)


class Comm:
    """A communicator, seen from one rank; ``boxes`` are those of all."""

    def __init__(self, rank, size, boxes):
        self.rank, self.size, self.boxes = rank, size, boxes

    def Isend(self, values, rank, tag):
        self.boxes[self.rank, rank, tag].append(values.copy())
        return Request(lambda: True)

    def Irecv(self, values, rank, tag):
        box = self.boxes[rank, self.rank, tag]

        def arrived():
            if not box:
                return False
            values[...] = box.popleft()
            return True

        return Request(arrived)


class Quiet:
    """News of which there are none."""

    def __init__(self):
        self.lock = threading.RLock()

    def check(self, since, moved, needed=None):
        assert moved - since < 60


def on_threads(size, work):
    """Return what ``work(comm, waiting)`` returns on each of ``size`` ranks, each of them in a thread."""
    boxes = defaultdict(deque)
    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(lambda rank: work(Comm(rank, size, boxes), Waiting(Quiet())), range(size)))


def same(arrays, others):
    """Return whether two lists of arrays have the same bits."""
    return all(np.array_equal(a, b) for a, b in zip(arrays, others, strict=True))
