"""A bar for what takes long with a large data set, on a terminal alone; a small one opens before it would show."""

from tqdm import tqdm

DELAY = 3  # seconds


def with_bar(items, words):
    """Return an iterator over a sequence, with a bar on standard error once it has taken a few seconds."""
    return tqdm(items, desc=words, unit=" pictures", delay=DELAY, leave=False, disable=None)
