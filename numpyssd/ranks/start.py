"""Around a whole command: the ranks begin together and end together (see ends.py)."""

import atexit
import contextlib
import os
import sys
import time
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.ranks.ends import OtherRankFailed, OthersHaveEnded, RankMissing, end_of
from numpyssd.ranks.launcher import launch
from numpyssd.training.one_process import ALONE, OneProcess

MEMORY_MAPS = Path("/proc/self/maps")  # of Linux: a line for each file whose memory this process shares


def on_ranks(at_exit: list | None = None) -> contextlib.AbstractContextManager[OneProcess]:
    """Return the context in which the ranks that mpiexec has started work together; without mpiexec there is one.

    The block's errors end all ranks: rank 0 raises what it, or another rank, has met, and the others leave the context
    without a word. at_exit: a list of functions that the command calls with its exit code, after it has said all
    (cli/command.py). Raises InputError if MPI cannot be used.
    """
    launched = launch()
    if launched is None or launched.size == 1:
        return contextlib.nullcontext(ALONE)
    if launched.rank_here:  # each machine may have its own reason why MPI cannot be used
        _be_silent()
    from numpyssd.ranks.world import World

    return Together(World(launched), at_exit)


class Together:
    """The context of ``on_ranks`` for several ranks."""

    def __init__(self, world, at_exit: list | None = None):
        self.world, self.at_exit = world, [] if at_exit is None else at_exit
        if not world.first:
            _be_silent()
        world.gather([None])  # now all ranks have opened the memory that they share, so that its name may go
        _unlink_shared_memory()

    def __enter__(self):
        return self.world

    def __exit__(self, kind, reason, _):
        news, late = self.world.news, None
        if reason is None:
            try:
                news.say_goodbye()
                self.world.mpi.Finalize()
                return
            except (InputError, OtherRankFailed, OthersHaveEnded, MemoryError, KeyboardInterrupt) as failed:
                reason = late = failed
        # MPI cannot be ended in order now: there are messages on their way that nobody will take.
        news.tell(end_of(reason))
        if self.world.first:
            news.close()
            self.at_exit.append(self._abort)
            atexit.register(self._abort, getattr(reason, "code", 1))  # after an error that the command does not catch
            if late:
                raise late
        elif 0 in news.missing:
            self._speak_for_rank_0(reason)
        else:
            self._wait_for_the_end()

    def _wait_for_the_end(self):
        """Wait until rank 0 has saved, has said what it has to say, and lets MPI end this process too."""
        since = time.monotonic()
        while True:
            # Ctrl-C goes to all ranks, and to rank 0 too.
            with contextlib.suppress(OthersHaveEnded, KeyboardInterrupt):
                time.sleep(0.1)
                try:
                    self.world.news.check(since, time.monotonic(), {0})
                except RankMissing as missing:
                    self._speak_for_rank_0(missing)

    def _speak_for_rank_0(self, reason):
        print(f"error: {reason}", file=sys.__stderr__, flush=True)
        self._abort(2)

    def _abort(self, code):
        sys.stdout.flush()
        with _muted():
            self.world.comm.Abort(code)
            time.sleep(10)  # MPICH's comes back before its mpiexec ends this process
        os._exit(code)


def _be_silent():
    for name in ("stdout", "stderr"):
        setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _unlink_shared_memory():
    """Remove the names of the files in /dev/shm: their memory stays until the last rank is gone, killed or not."""
    if not MEMORY_MAPS.exists():
        return
    for line in MEMORY_MAPS.read_text(encoding="utf-8", errors="replace").splitlines():
        path = line.split(maxsplit=5)[-1]
        if path.startswith("/dev/shm/") and not path.endswith(" (deleted)"):
            with contextlib.suppress(OSError):  # a neighbor was faster
                os.unlink(path)


@contextlib.contextmanager
def _muted():
    """Throw away what libraries write to standard error."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
