"""A random rank killed at a random moment, again and again: every run ends by itself, and goes on to the same bits.

NUMPYSSD_RANK_KILLS sets another number of kills; they go on with 2, 3, 4 ranks or one process.
"""

import os
import signal
import time
import uuid
from pathlib import Path

import mpiexec
import numpy as np
import pytest
from same_run import same

pytest.importorskip("mpi4py", reason="this test needs MPI: make check-mpi brings it")
RUN = Path(__file__).with_name("killable_run.py")
KILLS = int(os.environ.get("NUMPYSSD_RANK_KILLS", "4"))


def killed(folder, ranks, victim, seconds):
    """Run until a rank is killed; return how long the others took to end, or None if the run ended before."""
    mark, before = uuid.uuid4().hex, mpiexec.in_shared_memory()
    process = mpiexec.start(ranks, RUN, folder, MARK=mark)
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.005)
    processes = mpiexec.ranks_of(mark, ranks)
    if process.poll() is not None or processes is None:
        assert mpiexec.finish(process).returncode == 0
        return None
    os.kill(processes[victim], signal.SIGKILL)
    killed_at = time.monotonic()
    result = mpiexec.finish(process, timeout=60)
    assert result.returncode in (0, 9), (result.returncode, result.stderr)  # 0: it had just ended
    if "together" not in result.stdout:  # killed while MPI began, which alone knows of its memory then (docs/mpi.md)
        for name in mpiexec.in_shared_memory() - before:
            (mpiexec.SHARED / name).unlink()
    return time.monotonic() - killed_at


def test_killed_again_and_again(tmp_path):
    started = time.monotonic()
    assert mpiexec.run(1, RUN, tmp_path / "whole").returncode == 0
    seconds = time.monotonic() - started
    random = np.random.default_rng(int(os.environ.get("NUMPYSSD_FUZZ_SEED", "0")))
    folder, took, runs = tmp_path / "parts", [], 0
    while len(took) < KILLS:
        ranks = int(random.choice([2, 3, 4]))
        one = killed(folder, ranks, int(random.integers(ranks)), seconds * random.uniform(0.1, 1.2))
        if one is not None:
            took.append(one)
        else:
            same(folder, tmp_path / "whole")
            runs, folder = runs + 1, tmp_path / f"parts {runs}"
    if folder.exists():
        result = mpiexec.run(int(random.choice([1, 2])), RUN, folder)
        assert (result.returncode, result.stderr) == (0, "")
        same(folder, tmp_path / "whole")
        runs += 1
    print(f"{KILLS} kills in {runs} runs, which ended {np.median(took):.1f} s later, at most {max(took):.1f}")
