"""Whatever happens to a rank: one sentence, the exit code of one process, a good checkpoint, nothing that hangs."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mpiexec
import pytest

from numpyssd import weights
from numpyssd.weights.formats.npz import read

pytest.importorskip("mpi4py", reason="this test needs MPI: make check-mpi brings it")
RUN = Path(__file__).with_name("faulty_run.py")


def saved(folder):
    """Return the iteration of last.npz, which can be used."""
    assert weights.load_model(folder / "last.npz")
    return read(folder / "last.npz")[0]["state"]["iteration"]


def one_line(result, *parts, code=2):
    assert result.returncode == code, (result.stdout, result.stderr)
    (line,) = result.stderr.splitlines()
    for part in parts:
        assert part in line


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return a function that returns what one process says, and its folder, for a fault."""
    folder, known = tmp_path_factory.mktemp("alone"), {}

    def result(fault):
        if fault not in known:
            known[fault] = mpiexec.run(1, RUN, folder / fault, fault)
        return known[fault], folder / fault

    return result


@pytest.mark.parametrize("fault", ["image", "not finite", "memory"])
def test_an_error_of_the_last_rank_ends_all_as_it_ends_one_process(tmp_path, alone, fault):
    expected, folder = alone(fault)
    result = mpiexec.run(2, RUN, tmp_path, fault, 1)
    sentence = expected.stderr.strip().replace(str(folder), str(tmp_path))
    one_line(expected, "error: ")
    if fault == "memory":
        one_line(result, "error: there is not enough memory (Unable to allocate 1.00 GiB (rank 1, process")
    else:
        one_line(result, sentence if fault == "not finite" else f"{sentence} (rank 1, process")
    assert result.stdout.splitlines()[-1:] == expected.stdout.splitlines()[-1:]  # stopped after 5 iterations; saved
    if fault != "not finite":
        assert saved(tmp_path) == saved(folder) == 5
        for name, array in read(folder / "last.npz")[1].items():
            assert (read(tmp_path / "last.npz")[1][name] == array).all(), name


def test_a_bug_in_one_rank_shows_its_traceback_once(tmp_path):
    result = mpiexec.run(3, RUN, tmp_path, "bug", 2)
    assert result.returncode == 1
    assert result.stderr.count("ZeroDivisionError") == 1
    assert "rank 2, process " in result.stderr
    assert saved(tmp_path) == 5


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed_ends_all_at_once(tmp_path, rank):
    started = time.monotonic()
    result = mpiexec.run(2, RUN, tmp_path, "kill", rank, 6)
    assert result.returncode == 9  # Hydra's
    assert time.monotonic() - started < 60
    assert saved(tmp_path) in (5, 6)


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_a_rank_that_is_stopped_is_named(tmp_path, rank):
    result = mpiexec.run(3, RUN, tmp_path, "stop", rank, 6, NUMPYSSD_PATIENCE="6")
    one_line(result, "error: rank ", " did not answer for 6 seconds", "go on with --resume")
    assert result.stderr.startswith(f"error: rank {rank}, process ")
    assert saved(tmp_path) in (5, 6)


def test_a_rank_that_is_busy_is_waited_for(tmp_path):
    # Twice as long as a rank may be silent: its thread answers.
    result = mpiexec.run(3, RUN, tmp_path, "busy", 1, NUMPYSSD_PATIENCE="2")
    assert (result.returncode, result.stderr) == (0, "")
    assert saved(tmp_path) == 12


def interrupted(folder, act, ranks=2):
    """Run until the first iterations are done, then let ``act(process)`` happen."""
    process = mpiexec.start(ranks, RUN, folder, "wait")
    end = time.monotonic() + 60
    log = folder / "log.csv"
    while not (log.exists() and len(log.read_text().splitlines()) > 1):
        assert time.monotonic() < end
        time.sleep(0.02)
    act(process)
    return mpiexec.finish(process)


def last_line_of_ours(result):
    """Return what numpyssd said last, without what Hydra says of Ctrl-C."""
    return [line for line in result.stdout.splitlines() if not line.startswith("[mpiexec@")][-1]


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_mpiexec_saves(tmp_path, signal_name):
    result = interrupted(tmp_path, lambda process: process.send_signal(getattr(signal, signal_name)))
    one_line(result, "stopped by Ctrl-C", code=130)
    done = saved(tmp_path)
    assert last_line_of_ours(result) == f"stopped after {done} iterations; saved, go on with --resume"
    assert 1 <= done < 12


def test_a_signal_to_one_rank_stops_all_at_the_same_iteration(tmp_path):
    result = mpiexec.run(3, RUN, tmp_path, "sigterm", 2)
    one_line(result, "stopped by Ctrl-C", code=130)
    assert saved(tmp_path) == 6  # it came after the ranks had agreed to make the sixth step


def test_a_full_disk(tmp_path, alone):
    expected, folder = alone("full disk")
    result = mpiexec.run(2, RUN, tmp_path, "full disk", 0)
    one_line(result, expected.stderr.strip().replace(str(folder), str(tmp_path)))
    assert "No space left on device" in result.stderr
    assert last_line_of_ours(result).startswith("stopped after ")


def test_a_rank_that_holds_another_network_is_named(tmp_path):
    result = mpiexec.run(2, RUN, tmp_path, "drift", 1, 6)
    one_line(result, "error: after 7 iterations rank 1, process ", "holds another network than rank 0", "--resume")
    assert saved(tmp_path) in (6, 7)


# ---- what is seen at the start ---------------------------------------------------------------------------------------


def test_two_mpis(tmp_path):
    # As if Open MPI's mpiexec had started two processes: MPICH knows of one.
    started = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
    result = mpiexec.run(1, RUN, tmp_path, "nothing", **started)
    one_line(result, "error: mpiexec has started 2 processes, but the MPI of mpi4py sees 1", str(mpiexec.MPIEXEC))
    result = mpiexec.run(1, RUN, tmp_path, "nothing", **started | {"OMPI_COMM_WORLD_RANK": "1"})
    assert (result.returncode, result.stderr) == (2, "")  # each of the two would say it


def test_no_mpi_at_all(tmp_path):
    (tmp_path / "mpi4py").mkdir()
    (tmp_path / "mpi4py" / "__init__.py").write_text("raise ImportError('no MPI here')", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), mpiexec.ENVIRONMENT["PYTHONPATH"]])
    result = mpiexec.run(2, RUN, tmp_path, "nothing", PYTHONPATH=path)
    one_line(result, "error: mpiexec has started this, but MPI cannot be loaded (no MPI here); pip install")


def test_fewer_images_than_ranks(tmp_path):
    result = mpiexec.run(7, RUN, tmp_path, "nothing")
    one_line(result, "error: a batch of 6 images is too small for 7 ranks; start at most 6")
    result = mpiexec.run(4, RUN, tmp_path, "nothing")
    one_line(result, "in parts of one image", "start at most 3 ranks")


@pytest.mark.parametrize(("options", "said"), [("size=3m", "MB free, and MPI needs 4 MB"), ("ro", "cannot be written")])
def test_shared_memory_that_is_too_small_or_not_there(tmp_path, options, said):
    command = mpiexec.command(2, RUN, tmp_path, "nothing")
    script = f"mount -t tmpfs -o {options} tmpfs /dev/shm && exec {' '.join(command)}"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("no other /dev/shm can be mounted here")
    result = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], env=mpiexec.ENVIRONMENT, cwd=mpiexec.ROOT, capture_output=True,
        text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    one_line(result, "error: /dev/shm ", said, "--shm-size")


def test_unlike_processors(tmp_path):
    # Numba compiles for the oldest processor in rank 1, as on another machine.
    first = mpiexec.command(1, RUN, tmp_path, "nothing")
    second = ["env", "NUMBA_CPU_NAME=generic", *first]
    process = subprocess.run(
        [str(mpiexec.MPIEXEC), "-n", "1", *first, ":", "-n", "1", *second], env=mpiexec.ENVIRONMENT, cwd=mpiexec.ROOT,
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    one_line(process, "error: rank 0 on ", "and rank 1 on ", "round differently: CPU_NAME", "generic")


def test_without_mpiexec_mpi_is_not_imported():
    script = (
        "import sys\nfrom numpyssd.ranks.start import on_ranks\nimport numpyssd.train\n"
        "with on_ranks() as ranks:\n    print(ranks.size, 'mpi4py' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], env=mpiexec.ENVIRONMENT, cwd=mpiexec.ROOT, capture_output=True, text=True
    )
    assert result.stdout == "1 False\n"
