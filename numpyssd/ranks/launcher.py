"""Who started this process: mpiexec says it in the environment, before MPI itself is there."""

import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from numpyssd.errors import InputError

# How many ranks there are, which one this is, and the same on this machine: MPICH, Intel MPI and srun; Open MPI.
NAMES = (
    ("PMI_SIZE", "PMI_RANK", "MPI_LOCALNRANKS", "MPI_LOCALRANKID"),
    (
        "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
    ),
)  # fmt: skip
SHARED = Path("/dev/shm")  # on Linux
NEEDED = 2 << 20  # bytes of it for each rank of this machine; MPICH 5.0.2 took half of that


class Launch(NamedTuple):
    """What mpiexec says of this process."""

    size: int  # how many ranks it has started
    rank: int  # which of them this is
    size_here: int  # the same on this machine, if that is told
    rank_here: int


def launch(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """Return what mpiexec says, or None if it has not started this process."""
    for names in NAMES:
        size, rank, size_here, rank_here = (_number(environment.get(name)) for name in names)
        if size:
            return Launch(size, rank or 0, size_here or 1, rank or 0 if rank_here is None else rank_here)
    return None


def import_mpi(launch: Launch):
    """Return the module mpi4py.MPI, after MPI has been started. Raises InputError if it cannot be, or is another's."""
    _check_shared_memory(launch.size_here)
    # Beside MPICH's own shared memory UCX would keep 4 MB for each rank, and crash where that is scarce (MPICH 5.0.2).
    os.environ.setdefault("UCX_TLS", "^posix")
    try:
        import mpi4py

        mpi4py.rc.thread_level = "serialized"  # news.py answers in a thread of its own; a lock keeps calls apart
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # mpi4py guesses that MPIs are mixed, which is checked below
            from mpi4py import MPI
    except (ImportError, RuntimeError) as reason:
        why = str(reason).splitlines()[0]
        remedy = "pip install -r requirements-mpi.txt brings it"
        raise InputError(f"mpiexec has started this, but MPI cannot be loaded ({why}); {remedy}") from None
    if MPI.COMM_WORLD.size != launch.size:
        raise InputError(
            f"mpiexec has started {launch.size} processes, but the MPI of mpi4py sees {MPI.COMM_WORLD.size}: they are "
            f"of different MPIs; start with the mpiexec of mpi4py's MPI ({_mpiexec()})"
        )
    if MPI.Query_thread() < MPI.THREAD_SERIALIZED:
        raise InputError("this MPI does not allow calls from two threads in turn; take another one (docs/mpi.md)")
    return MPI


def _check_shared_memory(ranks: int, folder: Path = SHARED):
    """Raise InputError if MPI would find too little shared memory: it would crash without a word."""
    if not folder.is_dir():
        return
    remedy = "give the container more, --shm-size 256m in Docker"
    if not os.access(folder, os.W_OK):
        raise InputError(f"{folder} cannot be written, and MPI needs it on each machine; {remedy}")
    system = os.statvfs(folder)
    free, needed = system.f_bavail * system.f_frsize, NEEDED * ranks
    if free < needed:
        amounts = f"has {free / 2**20:.1f} MB free, and MPI needs {needed >> 20} MB for {ranks} ranks"
        raise InputError(f"{folder} {amounts}; {remedy}")


def _mpiexec():
    beside = Path(sys.executable).with_name("mpiexec")
    return beside if beside.exists() else "python -c 'import mpi4py; print(mpi4py.get_config())' names it"


def _number(text):
    return int(text) if text and text.isdecimal() else None
