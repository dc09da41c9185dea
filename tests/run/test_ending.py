"""How a run ends before its time, and what it says then: Ctrl-C once, twice, into a checkpoint; a disk that is full."""

import os
import signal

import numpy as np
import pytest
from short_run import before_each_step, short_run
from windows import refusing_replace

from numpyssd import files, weights
from numpyssd.errors import InputError
from numpyssd.run import checkpoints
from numpyssd.run import training_run as loop
from numpyssd.weights.formats.npz import read


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A training whose last.npz is that of iteration 3, and which is at its sixth when something happens to it."""
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 1e9)
    short_run(tmp_path, iterations=3, evaluations=1).run()
    training = short_run(tmp_path, evaluations=1)
    training.resume()
    return training


def at_the_sixth(training, act):
    return before_each_step(training, lambda iteration: act() if iteration == 5 else None)


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_once_saves_and_says_how_to_go_on(saved, tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        at_the_sixth(saved, ctrl_c).run()
    assert capsys.readouterr().out.splitlines()[-1] == "stopped after 6 iterations; saved, go on with --resume"
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 6


@pytest.mark.parametrize("moment", ["savez", "fsync", "replace"])
def test_ctrl_c_again_while_that_is_saved_leaves_the_checkpoint_before(saved, tmp_path, capsys, monkeypatch, moment):
    before, module = (tmp_path / "last.npz").read_bytes(), np if moment == "savez" else os
    function = getattr(module, moment)

    def again(*arguments, **options):
        if moment == "savez":
            function(*arguments, **options)
        ctrl_c()

    def armed():
        ctrl_c()
        monkeypatch.setattr(module, moment, again)

    with pytest.raises(KeyboardInterrupt):
        at_the_sixth(saved, armed).run()
    monkeypatch.undo()
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == (f"stopped after 6 iterations; {tmp_path / 'last.npz'} is that of iteration 3, go on with --resume")
    assert (tmp_path / "last.npz").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["last.npz", "log.csv"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def full(*_, **__):
    raise OSError(28, "No space left on device")


def test_a_full_disk_says_what_is_still_there(saved, tmp_path, capsys, monkeypatch):
    at_the_sixth(saved, lambda: (monkeypatch.setattr(np, "savez", full), ctrl_c()))
    with pytest.raises(InputError) as caught:
        saved.run()
    monkeypatch.undo()
    last = tmp_path / "last.npz"
    assert str(caught.value) == (
        f"{last} cannot be written (No space left on device); free some space or choose another folder; "
        f"{last} is that of iteration 3, go on with --resume"
    )
    assert "iteration 3, go on with --resume" in capsys.readouterr().out.splitlines()[-1]
    assert read(last)[0]["state"]["iteration"] == 3
    assert weights.load_model(last)


def test_a_full_disk_at_the_first_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(InputError, match="nothing was saved before$"):
        short_run(tmp_path).run()
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["log.csv"]


def test_a_log_that_cannot_grow_stops_the_run_with_the_work_saved(saved, tmp_path, monkeypatch):
    def no_room():
        log = saved.log

        def add(**_):
            raise log._error(OSError(28, "No space left on device"))

        monkeypatch.setattr(log, "add", add)

    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    with pytest.raises(InputError, match=r"log.csv cannot be written .* free some space and go on with --resume"):
        at_the_sixth(saved, no_room).run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 6


def test_a_virus_scanner_that_looks_at_the_checkpoint_does_not_end_the_run(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(os, "replace", refusing_replace(3))
    assert saved.run().iteration == 10
    monkeypatch.undo()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 10


def test_a_checkpoint_that_stays_open_elsewhere_ends_the_run_and_is_named(saved, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    at_the_sixth(saved, lambda: (monkeypatch.setattr(os, "replace", refusing_replace(1000)), ctrl_c()))
    with pytest.raises(InputError) as caught:
        saved.run()
    monkeypatch.undo()
    last = tmp_path / "last.npz"
    assert str(caught.value) == (
        f"{last} is open in another program; close it there or choose another folder; "
        f"{last} is that of iteration 3, go on with --resume"
    )
    assert read(last)[0]["state"]["iteration"] == 3
    assert sorted(os.listdir(tmp_path)) == ["last.npz", "log.csv"]
