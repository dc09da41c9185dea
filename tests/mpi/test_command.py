"""``mpiexec -n R python -m numpyssd.train``: the files of one process, and a run that goes on with another number."""

import json
import signal
import subprocess
import time

import mpiexec
import pytest
from same_run import same

from numpyssd.datasets.shapes import write_voc
from numpyssd.weights.formats.npz import read

pytest.importorskip("mpi4py", reason="this test needs MPI: make check-mpi brings it")
TRAIN = ["-m", "numpyssd.train"]
LENGTH = 60


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "voc"
    write_voc(root, {"train": 10, "val": 9})
    return root


def options(voc, out, *more, batch=8):
    short = ["--preset", "tiny", "--width", 0.25, "--batch-size", batch, "--iterations", LENGTH, "--ema", 0.9]
    return [*TRAIN, "--data", voc, *short, "--out", out, *more]


@pytest.fixture(scope="module")
def one_process(voc, tmp_path_factory):
    """Return the folder of a run in one process, in four parts, and what it printed."""
    out = tmp_path_factory.mktemp("one") / "run"
    result = mpiexec.run(1, *options(voc, out, "--micro-batch", 2))
    assert (result.returncode, result.stderr) == (0, "")
    return out, result.stdout


def settings(folder):
    found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    found["result"].pop("seconds")
    return {name: value for name, value in found.items() if name not in ("out", "micro_batch", "threads")}


def test_two_ranks_leave_and_say_what_one_process_does(voc, one_process, tmp_path):
    expected, said = one_process
    result = mpiexec.run(2, *options(voc, tmp_path / "run", "--micro-batch", 2))
    assert (result.returncode, result.stderr) == (0, "")
    same(tmp_path / "run", expected)
    assert settings(tmp_path / "run") == settings(expected)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {path.name for path in expected.iterdir()}
    assert "of each of 2 ranks on 1 machine, 4 parts of 2 images, 2 on each rank" in result.stdout
    ours, theirs = ([line.replace(str(out.parent), "") for line in text.splitlines() if timeless(line)]
                    for out, text in ((tmp_path / "run", result.stdout), (expected, said)))  # fmt: skip
    assert ours == theirs


def timeless(line):
    return not any(word in line for word in ("images/s", "compiling", "threads:"))


def test_a_run_goes_on_with_another_number_of_ranks_where_the_others_have_no_disk(voc, one_process, tmp_path):
    # Ranks but the first are in a folder without the run: they read nothing but the photographs.
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    process = mpiexec.start(4, *options(voc, here / "run"))  # without --micro-batch: a part for each rank
    end = time.monotonic() + 300
    while not (here / "run" / "log.csv").exists() or len((here / "run" / "log.csv").read_text().splitlines()) < 3:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    result = mpiexec.finish(process)
    assert result.returncode == 130, result.stderr
    assert 0 < read(here / "run" / "last.npz")[0]["state"]["iteration"] < LENGTH
    assert settings_of_recipe(here / "run")["micro_batch"] == 2
    too_many = mpiexec.run(5, *TRAIN, "--out", here / "run", "--resume")
    assert too_many.returncode == 2
    assert "in 4 parts, too few for 5 ranks; resume with at most 4 ranks" in too_many.stderr
    resume = mpiexec.command(1, *TRAIN, "--out", "run", "--resume")
    places = ["-n", "1", "-wdir", str(here), *resume, ":", "-n", "1", "-wdir", str(elsewhere), *resume]
    result = subprocess.run(
        [str(mpiexec.MPIEXEC), *places], env=mpiexec.ENVIRONMENT, cwd=here, capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    same(here / "run", one_process[0])
    assert list(elsewhere.iterdir()) == []


def settings_of_recipe(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))["recipe"]


def test_what_all_ranks_are_told_wrong_is_said_once(voc, tmp_path):
    result = mpiexec.run(2, *TRAIN, "--tiny", "--epochs", 1, "--iterations", 2, "--out", tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("error: ") == result.stderr.count("usage: ") == 1
    result = mpiexec.run(2, *TRAIN, "--data", tmp_path / "none", "--out", tmp_path / "run")
    assert result.returncode == 2
    assert result.stderr.splitlines()[0].startswith(f"error: {tmp_path / 'none'} ")
    assert len(result.stderr.splitlines()) == 1
