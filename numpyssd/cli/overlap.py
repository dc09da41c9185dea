"""Read and write images while the network computes: a pipeline of three stages over two further threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from numpyssd.errors import InputError


def overlapped(items: list, read: Callable, process: Callable) -> Iterator[Any]:
    """Yield the result of each item, in order, or the InputError that one of its stages raised.

    For each item: ``image = read(item)``, ``finish = process(item, image)``, ``result = finish()``. This thread
    processes an item while other threads read the next one and finish the one before.
    """
    if not items:
        return
    with ThreadPoolExecutor(2, thread_name_prefix="images") as threads:
        upcoming, unfinished = threads.submit(read, items[0]), None
        for i, item in enumerate(items):
            image = _result(upcoming)
            if i + 1 < len(items):
                upcoming = threads.submit(read, items[i + 1])
            failed = isinstance(image, InputError)
            finish = None if failed else process(item, image)
            if unfinished is not None:
                yield _result(unfinished)
            unfinished = None if failed else threads.submit(finish)
            if failed:
                yield image
        if unfinished is not None:
            yield _result(unfinished)


def _result(future: Future):
    """Return the result of a thread, or the InputError that it ended with."""
    try:
        return future.result()
    except InputError as reason:
        return reason
