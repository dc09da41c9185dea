"""How a rank waits: it asks MPI again and again, with pauses, and ends with an error if nothing can come any more.

MPI's own Wait takes a whole core, which another rank may need, and never returns if a rank is gone.
"""

import os
import time
from collections.abc import Callable

from numpyssd.ranks.news import News

EAGER = 0.003  # seconds after something came, in which this rank asks without a pause; much comes in several pieces
PAUSE = 0.0002  # seconds, afterwards
CHECK = 0.02  # seconds between two looks at the news
_give_way = getattr(os, "sched_yield", lambda: time.sleep(0))  # Windows and macOS have no sched_yield


class Waiting:
    """Waits for others, and counts the seconds."""

    def __init__(self, news: News):
        self.news, self.seconds = news, 0.0

    def until(self, left: Callable[[], int], needed: Callable[[], set[int]] | None = None):
        """Call ``left``, which lets MPI work and returns how much is still to come, until it returns 0.

        needed: a function that returns the ranks from which it is to come; without it all ranks do it together. Both
        are called with the lock held, since they ask MPI and only one thread may. Raises what ``News.check`` raises.
        """
        since = moved = checked = time.monotonic()
        before = None
        while True:
            with self.news.lock:
                now_left = left()
            if not now_left:
                break
            now = time.monotonic()
            if now_left != before:
                moved, before = now, now_left
            if now - checked > CHECK:
                checked = now
                with self.news.lock:
                    still = needed() if needed else None
                self.news.check(since, moved, still)
            if now - moved > EAGER:
                time.sleep(PAUSE)
            else:
                _give_way()
        self.seconds += time.monotonic() - since
