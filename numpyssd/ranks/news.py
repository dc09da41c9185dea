"""What ranks tell each other beside the training: that one of them has ended, and that the others are still there.

MPI has no heartbeat: a rank that is stopped, or whose machine is gone, is waited for without an end (Horovod's issue
403). So a rank that has waited for a while asks the others, and a thread of each answers, whatever the rank computes.
Who does not answer within PATIENCE is missing, and the run ends.
"""

import os
import threading
import time

from numpyssd.files import to_float
from numpyssd.ranks.ends import End, OthersHaveEnded, RankMissing, error_of

TAG = 1  # of all news
ASK, HERE, DONE, BYE = "ask", "here", "done", "bye"  # or an End
EVERY = 0.5  # seconds, how often the thread looks for questions
GRACE = 0.5  # seconds without progress, until the end of another rank ends this one: what it had sent arrives first
PATIENCE = 60.0  # seconds, or what the variable of the environment NUMPYSSD_PATIENCE says


class News:
    """The news of all ranks; ``lock`` is held during every call of MPI, since two threads make them."""

    def __init__(self, comm):
        self.comm, self.lock = comm, threading.RLock()
        self.others = [rank for rank in range(comm.size) if rank != comm.rank]
        self.names = {rank: f"rank {rank}" for rank in self.others}
        self.ended: dict[int, End] = {}  # by rank
        self.heard: dict[int, float] = {}  # when a rank has answered last
        self.asked, self.patience = 0.0, to_float(os.environ.get("NUMPYSSD_PATIENCE"), PATIENCE)
        self.missing: list[int] = []  # ranks that this one has missed
        self.said, self.leaving = {DONE: set(), BYE: set()}, False  # by which ranks; whether this one has said BYE
        self._sent, self._closing = [], threading.Event()
        self._thread = threading.Thread(target=self._answer, name="news", daemon=True)
        self._thread.start()

    def tell(self, news):
        """Tell all other ranks something: an End, or one of the words above."""
        for rank in self.others:
            self._send(news, rank)

    def look(self):
        """Take in what has come, and answer questions."""
        with self.lock:
            self._sent = [request for request in self._sent if not request.Test()]
            while (message := self.comm.improbe(tag=TAG, status=(status := _status()))) is not None:
                news, rank = message.recv(), status.Get_source()
                self.heard[rank] = time.monotonic()
                if isinstance(news, End):
                    self.ended.setdefault(rank, news)
                elif news == ASK and not self.leaving:
                    self._send(HERE, rank)
                elif news in self.said:
                    self.said[news].add(rank)

    def check(self, since: float, moved: float, needed: set[int] | None = None):
        """Raise an error if a wait cannot end: that of a rank that has ended, or RankMissing.

        since: the beginning of the wait; moved: the last time when something came. needed: the ranks from which it is
        to come, None: all others. One of them that has ended is enough: the rest waits for it too.
        """
        self.look()
        now = time.monotonic()
        stuck = self.ended.keys() & (self.others if needed is None else needed)
        if stuck and now - moved > GRACE:
            self._follow()
        ask_after = self.patience / 6
        if now - since > ask_after and now - self.asked > ask_after:
            self.asked = now
            self.tell(ASK)
        first_asked = since + ask_after
        silent = [rank for rank in self.others if rank not in self.ended]
        silent = [r for r in silent if now - max(self.heard.get(r, 0), first_asked) > self.patience - ask_after]
        # The lowest rank that is there says it; the next one a second later, if that one is busy.
        before_me = [rank for rank in self.others if rank < self.comm.rank and rank not in silent]
        if silent and now - since > self.patience + len(before_me):
            self.missing = silent
            raise RankMissing(
                f"{' and '.join(self.names[rank] for rank in silent)} did not answer for {self.patience:g} seconds: "
                "stopped, or its machine cannot be reached; go on with --resume when that is mended"
            )

    def say_goodbye(self):
        """Wait until all ranks are done, rank 0 with its report; then nobody sends anything any more."""
        self.tell(DONE)
        since = time.monotonic()
        while missed := set(self.others) - self.said[DONE]:
            time.sleep(0.002)
            self.check(since, time.monotonic(), missed)
        self.close()
        self.leaving = True  # BYE is the last word: who has heard it from a rank has taken all that this rank has sent
        self.tell(BYE)
        since = time.monotonic()
        while self._sent or set(self.others) - self.said[BYE]:
            self.look()
            if time.monotonic() - since > self.patience:
                self.missing = sorted(set(self.others) - self.said[BYE])
                raise RankMissing(f"{self.names[self.missing[0]]} did not end")

    def close(self):
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _follow(self):
        if self.comm.rank:
            raise OthersHaveEnded
        for rank, end in sorted(self.ended.items()):
            if end.kind != "followed":
                raise error_of(end, self.names[rank])

    def _send(self, news, rank):
        with self.lock:
            self._sent.append(self.comm.isend(news, rank, TAG))

    def _answer(self):
        while not self._closing.wait(EVERY):
            self.look()


def _status():
    from mpi4py import MPI

    return MPI.Status()
