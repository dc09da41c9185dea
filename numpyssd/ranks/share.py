"""Which parts of a batch, and so which of its images, are whose: each rank has some that follow one another.

The parts are fixed by the size of a batch and of a part, so that a run can go on with another number of ranks.
"""

from typing import NamedTuple

from numpyssd.errors import InputError
from numpyssd.training.by_halves import Span
from numpyssd.training.micro_batches import split

MIN_IMAGES = 2  # of a part, where batch normalization takes its statistics of it


class Share(NamedTuple):
    """What of each batch belongs to which rank."""

    parts: list[Span]  # images first .. last - 1 of each part of a batch
    of_ranks: list[Span]  # parts first .. last - 1 of each rank

    def rows(self, rank: int) -> slice:
        """Return which images of a batch are a rank's."""
        first, last = self.of_ranks[rank]
        return slice(self.parts[first][0], self.parts[last - 1][1])

    def own_parts(self, rank: int) -> list[Span]:
        """Return the parts of a rank, counted from its own first image."""
        start = self.rows(rank).start
        return [(first - start, last - start) for first, last in self.parts[slice(*self.of_ranks[rank])]]

    def owner(self, part: int) -> int:
        """Return the rank that computes a part."""
        return next(rank for rank, (first, last) in enumerate(self.of_ranks) if first <= part < last)

    def micro_batch(self) -> int:
        """Return the size of a part by which one process cuts a batch in the same way."""
        return max(last - first for first, last in self.parts)

    def in_words(self) -> str:
        """Return how a batch is shared: "2 parts of 4 images"."""
        sizes = sorted({last - first for first, last in self.parts})
        images = f"{sizes[0]} images" if len(sizes) == 1 else f"{sizes[0]} or {sizes[-1]} images"
        counts = sorted({last - first for first, last in self.of_ranks})
        each = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} or {counts[-1]}"
        return f"{len(self.parts)} parts of {images}, {each} on each rank"


def share(images: int, micro_batch: int | None, ranks: int) -> Share:
    """Return how a batch of so many images is shared: in parts of micro_batch images, or less if ranks get none else.

    Raises InputError if there are fewer images than ranks.
    """
    if images < ranks:
        raise InputError(
            f"a batch of {images} images is too small for {ranks} ranks; start at most {images}, or take a larger "
            "--batch-size"
        )
    most = next(size for size in range(micro_batch or images, 0, -1) if len(split(images, size)) >= ranks)
    parts = split(images, most)
    edges = [len(parts) * n // ranks for n in range(ranks + 1)]
    return Share(parts, list(zip(edges, edges[1:])))


def share_of_run(recipe, ranks: int, normalized: bool, resumed: bool = False) -> Share:
    """Return how the batches of a recipe are shared.

    normalized: whether the network has batch normalization; then a part has at least MIN_IMAGES, unless --micro-batch 1
    asks for less. resumed: the run goes on, so that its parts must stay as they are. Raises InputError if that cannot
    be.
    """
    shared = share(recipe.batch_size, recipe.micro_batch, ranks)
    before = split(recipe.batch_size, recipe.micro_batch)
    if resumed and shared.parts != before:
        parts = f"{len(before)} parts" if len(before) > 1 else "one part"
        raise InputError(
            f"this run computes its batches of {recipe.batch_size} images in {parts}, too few for {ranks} ranks; "
            f"resume with {f'at most {len(before)} ranks' if len(before) > 1 else 'one process'}, or start a new run"
        )
    smallest = min(last - first for first, last in shared.parts)
    if normalized and smallest < MIN_IMAGES and recipe.micro_batch != 1:
        raise InputError(
            f"{ranks} ranks would compute batches of {recipe.batch_size} images in parts of one image, and batch "
            "normalization learns badly from the statistics of one image (docs/mpi.md); start at most "
            f"{recipe.batch_size // MIN_IMAGES} ranks, or take a larger --batch-size"
        )
    return shared
