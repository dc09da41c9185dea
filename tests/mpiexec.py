"""Processes that mpiexec starts, on this machine alone, and nothing of them left behind."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path("/dev/shm")
MPIEXEC = Path(sys.executable).with_name("mpiexec")  # another MPI's would start processes that do not know each other
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    # Nothing listens but on the loopback: Hydra's processes, MPICH by UCX, MPICH by libfabric.
    **{"HYDRA_IFACE": "lo", "UCX_NET_DEVICES": "lo", "FI_TCP_IFACE": "lo"},
}


def command(ranks, *arguments):
    """Return the command line of a Python program on so many ranks; one rank is a process without mpiexec."""
    start = [] if ranks == 1 else [str(MPIEXEC), "-n", str(ranks)]
    return [*start, sys.executable, *map(str, arguments)]


def start(ranks, *arguments, **environment):
    """Start it, as the leader of a group of processes."""
    return subprocess.Popen(
        command(ranks, *arguments), cwd=ROOT, env={**ENVIRONMENT, **environment}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process, timeout=300):
    """Return a process that has ended, as ``subprocess.run`` does; one that hangs is killed with all its group."""
    try:
        out, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, errors = process.communicate()
        raise AssertionError(f"it hangs; it said {out[-2000:]!r} and {errors[-2000:]!r}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def run(ranks, *arguments, timeout=300, **environment):
    """Run it to its end."""
    return finish(start(ranks, *arguments, **environment), timeout)


def ranks_of(mark, count):
    """Return the numbers of the processes that are the ranks, by rank, or None until all of them are there.

    mark: what the variable MARK of their environment says.
    """
    found = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile, or belongs to someone else
            text = (folder / "environ").read_bytes().decode(errors="replace") if folder.name.isdecimal() else ""
            variables = dict(item.split("=", 1) for item in text.split("\0") if "=" in item)
            if variables.get("MARK") == mark and "PMI_RANK" in variables:
                found[int(variables["PMI_RANK"])] = int(folder.name)
    return [found[rank] for rank in range(count)] if len(found) == count else None


def in_shared_memory():
    """Return the names of what MPI has in the shared memory."""
    return {name for name in os.listdir(SHARED) if "mpi" in name or "ucx" in name} if SHARED.is_dir() else set()
