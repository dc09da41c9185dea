"""Training killed at 50 random moments, checkpoints being written among them: it ends with the bits of one in peace.

NUMPYSSD_KILLS sets another number of kills.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from killing import fork, kill_after, needs_fork, wait
from same_run import same
from short_run import short_run

import numpyssd
from numpyssd import kernels, weights
from numpyssd.datasets.shapes import ShapesDataset, write_voc
from numpyssd.run import checkpoints
from numpyssd.run import training_run as loop
from numpyssd.run.folder import remove_remains
from numpyssd.weights.formats.npz import read

KILLS = int(os.environ.get("NUMPYSSD_KILLS", "50"))
LENGTH = {"iterations": 60, "evaluations": 6}


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Save after every iteration, on a disk that takes its time."""
    fsync = os.fsync
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", -1)
    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    monkeypatch.setattr(os, "fsync", lambda file: (time.sleep(0.01), fsync(file)))
    with kernels.using("cpu"):
        yield


def train(folder):
    training = short_run(folder, ShapesDataset(2, split="val"), **LENGTH)
    if (folder / "last.npz").exists():
        training.resume()
    training.run()


@needs_fork
def test_a_run_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    for name in ("whole", "warm"):
        (tmp_path / name).mkdir()
    train(tmp_path / "warm")
    started = time.monotonic()
    assert not wait(fork(lambda: train(tmp_path / "whole")))
    seconds = time.monotonic() - started
    random = np.random.default_rng(int(os.environ.get("NUMPYSSD_FUZZ_SEED", "0")))
    kills = while_writing = runs = 0
    while kills < KILLS:
        folder = tmp_path / f"{runs}"
        folder.mkdir()
        killed = True
        while killed:
            # As long as a run, at most, divided by 3: it gets ahead, and is killed a few times before its end.
            last = kills >= KILLS
            killed = kill_after(
                fork(lambda folder=folder: train(folder)), 600 if last else seconds * random.uniform(0, 0.33)
            )
            kills += killed
            while_writing += killed and any(name.startswith("last.npz.") for name in os.listdir(folder))
            for name in ("last.npz", "best.npz"):
                if (folder / name).exists():
                    weights.load_model(folder / name)
        remove_remains(folder)
        assert sorted(os.listdir(folder)) == ["best.npz", "last.npz", "log.csv"]
        same(folder, tmp_path / "whole")
        runs += 1
    print(f"{kills} kills in {runs} runs of {seconds:.1f} s, {while_writing} while last.npz was written; the same bits")
    assert while_writing > 0


def command(data, out, *more):
    arguments = ["--data", data, "--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "400"]
    return [sys.executable, "-m", "numpyssd.train", *(() if "--resume" in more else arguments), "--out", out, *more]


def test_the_command_itself_killed_and_resumed(tmp_path):
    write_voc(tmp_path / "voc", {"train": 6, "val": 2})
    environment = {**os.environ, "PYTHONPATH": str(Path(numpyssd.__file__).parents[1])}

    def run(*arguments, kill=False):
        process = subprocess.Popen(command(tmp_path / "voc", *arguments), env=environment, stdout=subprocess.DEVNULL)
        if kill:
            while not (tmp_path / "parts" / "last.npz").exists():
                assert process.poll() is None
                time.sleep(0.01)
            process.kill()
        return process.wait(200)

    assert run(tmp_path / "whole") == 0
    assert run(tmp_path / "parts", kill=True) == (1 if os.name == "nt" else -9)
    assert read(tmp_path / "parts" / "last.npz")[0]["state"]["iteration"] < 400
    assert run(tmp_path / "parts", "--resume") == 0
    same(tmp_path / "parts", tmp_path / "whole")
