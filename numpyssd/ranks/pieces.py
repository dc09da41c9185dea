"""The gradients of all parameters in pieces, which ranks send and add: slices of large arrays, small ones together."""

from typing import NamedTuple

import numpy as np

SMALL = 1 << 14  # values; arrays of at most so many are packed together, since a message has a price of its own
LONGEST = 1 << 19  # values of a piece, 2 MiB: it stays in a core's cache while it is received and added


class Piece(NamedTuple):
    """Some values of some arrays: of array ``index`` the values start .. stop - 1, in its memory's order."""

    entries: tuple[tuple[int, int, int], ...]  # (index, start, stop)

    @property
    def size(self) -> int:
        """How many values it has."""
        return sum(stop - start for _, start, stop in self.entries)

    def values_in(self, arrays: list[np.ndarray]) -> np.ndarray:
        """Return its values (size,): a view of a single array, or else a copy."""
        views = [arrays[index].reshape(-1)[start:stop] for index, start, stop in self.entries]
        return views[0] if len(views) == 1 else np.concatenate(views)

    def put_into(self, arrays: list[np.ndarray], values: np.ndarray):
        """Write values (size,) back, if they are a copy."""
        first = 0
        for index, start, stop in self.entries if len(self.entries) > 1 else ():
            arrays[index].reshape(-1)[start:stop] = values[first : first + stop - start]
            first += stop - start


def pieces_of(sizes: list[int], ways: int) -> list[Piece]:
    """Return the pieces of arrays of these sizes, the largest first.

    ways: how many of them are on their way at the same time at least; so none is larger than a fourth of its share.
    """
    longest = max(1, min(LONGEST, sum(sizes) // (4 * ways)))
    pieces, small = [], []
    for index, size in enumerate(sizes):
        if size <= min(SMALL, longest):
            small.append((index, 0, size))
            if sum(stop for *_, stop in small) > longest:
                pieces.append(Piece(tuple(small)))
                small = []
        else:
            count = -(-size // longest)
            edges = [size * n // count for n in range(count + 1)]
            pieces += [Piece(((index, start, stop),)) for start, stop in zip(edges, edges[1:])]
    return sorted([*pieces, Piece(tuple(small))] if small else pieces, key=lambda piece: -piece.size)


def spread(pieces: list[Piece], ways: int) -> list[int]:
    """Return for each piece which of several ways it takes, so that all carry about as much."""
    loads, found = [0] * ways, []
    for piece in pieces:
        way = loads.index(min(loads))
        loads[way] += piece.size
        found.append(way)
    return found
