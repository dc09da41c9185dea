"""Which ranks are on the same machine, and how many threads each of them takes there."""

import os
import socket
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """Where a rank runs."""

    host: str
    machine: str  # tells machines of the same name apart
    process: int
    processors: tuple[int, ...]  # logical ones that it may run on; () if the system does not tell

    def __str__(self):
        return f"process {self.process} on {self.host}"


def own_place() -> Place:
    """Return where this process runs."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    processors = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()
    return Place(socket.gethostname(), f"{socket.gethostname()} {boot}", os.getpid(), processors)


def machines_of(places: list[Place]) -> list[list[int]]:
    """Return the ranks of each machine."""
    found: dict[str, list[int]] = {}
    for rank, place in enumerate(places):
        found.setdefault(place.machine, []).append(rank)
    return list(found.values())


def threads_of(rank: int, places: list[Place], alone: int) -> int:
    """Return how many threads a rank takes, if it would take ``alone`` of them with the machine to itself.

    Each processor that it may run on is divided by the ranks that may run there too: mpiexec binds ranks to processors,
    or lets each of them run on all.
    """
    here = [place for place in places if place.machine == places[rank].machine]
    own = places[rank].processors
    if not own:
        return max(1, alone // len(here))
    users = (sum(processor in place.processors for place in here) for processor in own)
    share = sum(1 / count for count in users) / len(own)
    return max(1, int(alone * share + 1e-6))
