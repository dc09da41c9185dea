"""A batch in parts, the micro-batches: how many there are, and which images each of them has."""


def split(images: int, micro_batch: int | None = None) -> list[tuple[int, int]]:
    """Cut a batch into the fewest parts of at most micro_batch images, as equal as possible: [(first, last), ...]."""
    count = -(-images // (micro_batch or images))
    edges = [images * n // count for n in range(count + 1)]
    return list(zip(edges, edges[1:]))
