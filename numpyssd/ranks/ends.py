"""How a run of several ranks ends: whatever happens to one of them, all end, and rank 0 says so in one sentence.

A rank that fails tells the others (news.py) and leaves. Those that wait for it leave too; but rank 0 raises the error
as its own, so that it does what one process would have done: save, say the sentence, exit with the code. The others
wait meanwhile, and end with rank 0 (start.py).
"""

import traceback
from typing import NamedTuple

from numpyssd.errors import InputError


class End(NamedTuple):
    """Why a rank has ended, as it tells the others."""

    kind: str  # one of KINDS; "bug"; "followed": it leaves because another rank has ended
    text: str = ""


class OtherRankFailed(RuntimeError):
    """Another rank met an error that is no user's fault; the message is its traceback."""


class OthersHaveEnded(Exception):
    """The run is over, and this rank, which is not rank 0, has nothing to say about it."""


class RankMissing(InputError):
    """A rank does not answer any more, so that it will not end by itself either."""


KINDS: dict[str, type[BaseException]] = {
    "missing": RankMissing,
    "input": InputError,
    "stopped": KeyboardInterrupt,
    "memory": MemoryError,
}


def end_of(reason: BaseException) -> End:
    """Return what a rank tells the others of the error that ends it."""
    if isinstance(reason, OthersHaveEnded):
        return End("followed")
    for kind, error in KINDS.items():
        if isinstance(reason, error):
            return End(kind, str(reason))
    return End("bug", "".join(traceback.format_exception(reason)))


def error_of(end: End, who: str) -> BaseException:
    """Return the error that rank 0 raises for the end of another rank; who: as in "rank 1, process 7 on this-host"."""
    if end.kind == "stopped":
        return KeyboardInterrupt()
    if end.kind == "bug":
        return OtherRankFailed(f"{who} has failed:\n{end.text}")
    if end.kind == "missing":
        return RankMissing(end.text)
    return KINDS[end.kind](f"{end.text} ({who})" if end.text else who)
