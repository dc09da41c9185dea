"""The sum of the gradients of all ranks, on every rank: each adds up some pieces, and hands the sums out.

    in a machine         each rank sends a piece to its owner there, which adds
    between machines     the owners send it to one of them, which adds and sends the sum back
    in a machine         the owner hands the sum out

So the card of a machine carries the gradient about once in each direction, however many ranks it has: 2 (M - 1) / M of
it for M machines. What is added to what is given by the tree of training/by_halves.py, never by who came first.
"""

import time
from collections.abc import Iterator

import numpy as np

from numpyssd.ranks.bfloat16 import from_bfloat16, to_bfloat16
from numpyssd.ranks.pieces import pieces_of, spread
from numpyssd.ranks.route import Route
from numpyssd.training.by_halves import Span, total

TAG = 64  # the first of those of pieces; see news.py for another
PER_PIECE, IN_FLIGHT = 32, 128  # tags of a piece, for its spans; pieces at the same time at most

Step = list[tuple[object, int]]  # requests, each with the rank that it is for


class GradientSum:
    """The sum for arrays of certain sizes; ``seconds`` and ``bytes`` count what it costs.

    - route: who adds what.
    - sizes: of each parameter's gradient.
    - wire: "float32" or "bfloat16", for what goes between machines.
    """

    def __init__(self, comm, mpi, waiting, route: Route, sizes: list[int], wire: str = "float32"):
        self.comm, self.mpi, self.waiting, self.route, self.wire = comm, mpi, waiting, route, wire
        self.own_spans: list[Span] = route.spans[comm.rank]
        self.pieces = pieces_of(sizes, route.ways)
        self.ways = spread(self.pieces, route.ways)
        self.seconds, self.bytes = 0.0, {"in a machine": 0, "between machines": 0}
        self.spare: list[np.ndarray] = []

    def add(self, held: dict[Span, list[np.ndarray]]) -> list[np.ndarray]:
        """Return the sum over all parts; held: of each own span its gradients, float32, which are overwritten."""
        started = time.perf_counter()
        self.held = [[np.require(array, np.float32, ["C", "W"]) for array in held[span]] for span in self.own_spans]
        upcoming, running = (self._piece(n) for n in range(len(self.pieces))), []
        unfinished = len(self.pieces)

        def left():
            nonlocal unfinished
            steps = 0
            while len(running) < min(IN_FLIGHT, max(8, 2 * self.route.ways)):
                piece = next(upcoming, None)
                if piece is None:
                    break
                running.append([piece, [], 0])
            for entry in list(running):
                piece, step, _ = entry
                while self.mpi.Request.Testall([request for request, _ in step]):
                    step = entry[1] = next(piece, None)
                    entry[2] += 1
                    if step is None:
                        running.remove(entry)
                        unfinished -= 1
                        break
                steps += entry[2]
            return unfinished and 100 * unfinished - steps  # smaller whenever something has moved

        def needed():
            return {rank for _, step, _ in running for request, rank in step if not request.Get_status()}

        self.waiting.until(left, needed)
        self.seconds += time.perf_counter() - started
        return self.held[0]

    def _piece(self, number: int) -> Iterator[Step]:
        """Do the part of this rank in the sum of a piece; yield what must arrive before it goes on."""
        piece, me = self.pieces[number], self.comm.rank
        own = [piece.values_in(arrays) for arrays in self.held]
        place, group = own[0], self.route.group_of[me]  # the sum comes into this place
        owner = self.route.owner(group, self.ways[number])
        if owner != me:
            yield [self._send(values, owner, number, n) for n, values in enumerate(own)]
            yield [self._receive(place, owner, number)]
        else:
            others = [rank for rank in self.route.neighbors(me) if rank != me]
            coming = [(rank, n, span) for rank in others for n, span in enumerate(self.route.spans[rank])]
            buffers = [self._take(piece.size) for _ in coming]
            yield [self._receive(values, rank, number, n) for (rank, n, _), values in zip(coming, buffers)]
            known = dict(zip(self.own_spans, own)) | {span: values for (*_, span), values in zip(coming, buffers)}
            sums = {span: total(span, known.get, _adding(place)) for span in self.route.group_spans[group]}
            if len(self.route.groups) > 1:
                yield from self._between(number, sums, place)
            else:
                _copy(sums[self.route.all_parts], place)
            yield [self._send(place, rank, number) for rank in others]
            self.spare += buffers
        piece.put_into(self.held[0], place)

    def _between(self, number: int, sums: dict, place: np.ndarray) -> Iterator[Step]:
        """Add up the sums of all machines into ``place``, with the owners of the piece on the other machines."""
        group, way = self.route.group_of[self.comm.rank], self.ways[number]
        adder = self.route.owner(self.route.adding_group(way), way)
        if adder != self.comm.rank:
            yield [self._send(self._on_wire(values), adder, number, n) for n, values in enumerate(sums.values())]
            received = self._take(place.size, self.wire)
            yield [self._receive(received, adder, number)]
            _copy(self._off_wire(received), place)
            self.spare.append(received)
            return
        owners = {n: self.route.owner(n, way) for n in range(len(self.route.groups)) if n != group}
        coming = [(rank, n, span) for g, rank in owners.items() for n, span in enumerate(self.route.group_spans[g])]
        buffers = [self._take(place.size, self.wire) for _ in coming]
        yield [self._receive(values, rank, number, n) for (rank, n, _), values in zip(coming, buffers)]
        known = sums | {span: self._off_wire(values) for (*_, span), values in zip(coming, buffers)}
        sent = self._on_wire(total(self.route.all_parts, known.get, _adding(place)))
        _copy(self._off_wire(sent), place)  # what is rounded for the others is rounded here
        yield [self._send(sent, rank, number) for rank in owners.values()]
        self.spare += buffers

    # ---- messages and buffers ---------------------------------------------------------------------------------------

    def _send(self, values, rank, number, span=0):
        same = self.route.group_of[rank] == self.route.group_of[self.comm.rank]
        self.bytes["in a machine" if same else "between machines"] += values.nbytes
        return self.comm.Isend(values, rank, _tag(number, span)), rank

    def _receive(self, values, rank, number, span=0):
        return self.comm.Irecv(values, rank, _tag(number, span)), rank

    def _on_wire(self, values):
        return to_bfloat16(values) if self.wire == "bfloat16" else values

    def _off_wire(self, values):
        return from_bfloat16(values) if self.wire == "bfloat16" else values

    def _take(self, size, wire="float32"):
        """Return a buffer (size,), one that was used before if there is any: its memory is warm."""
        dtype = np.uint16 if wire == "bfloat16" else np.float32
        for n, buffer in enumerate(self.spare):
            if buffer.size == size and buffer.dtype == dtype:
                return self.spare.pop(n)
        return np.empty(size, dtype)


def _adding(place):
    """Return a function that adds two arrays into one of them; into ``place``, if it is one of them."""

    def add(a, b):
        return np.add(a, b, out=b if b is place else a)

    return add


def _copy(values, place):
    if values is not place:
        place[...] = values


def _tag(number, span):
    return TAG + number % IN_FLIGHT * PER_PIECE + span
