"""A run that is killed at the worst moments: what was saved is whole, and going on from it ends with the same bits."""

import os

import numpy as np
import pytest
from killing import fork, kill_myself, needs_fork, wait
from short_run import short_run

from numpyssd import kernels, weights
from numpyssd.run import checkpoints
from numpyssd.run import training_run as loop
from numpyssd.run.folder import remove_remains
from numpyssd.run.log import read_log
from numpyssd.weights.formats.npz import read

pytestmark = needs_fork


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Save after every iteration."""
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", -1)
    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    with kernels.using("cpu"):
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The arrays of last.npz of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    with kernels.using("cpu"):
        short_run(folder).run()
    return read(folder / "last.npz")[1]


def train(folder):
    training = short_run(folder)
    if (folder / "last.npz").exists():
        training.resume()
    training.run()


def at_call(number, module, name, act=kill_myself):
    """Let the process end at the so manyth call of a function, before it does anything."""
    calls, function = [], getattr(module, name)

    def counted(*arguments, **options):
        calls.append(1)
        if len(calls) == number:
            act(*arguments, **options)
        return function(*arguments, **options)

    setattr(module, name, counted)


def half_written(file, **arrays):
    file.write(b"PK\x03\x04" + bytes(1000))
    file.flush()
    kill_myself()


MOMENTS = {
    "half of the file is written": (np, "savez", half_written),
    "all of it is written, perhaps not on the disk": (os, "fsync", kill_myself),
    "only the name is missing": (os, "replace", kill_myself),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_a_checkpoint_is_written(tmp_path, whole, moment):
    module, name, act = MOMENTS[moment]
    first = 2 if module is os and name == "replace" else 1  # the log's own name came first

    def killed():
        at_call(first + 4, module, name, act)
        train(tmp_path)

    assert wait(fork(killed))
    assert any(name.endswith(".tmp") for name in os.listdir(tmp_path))
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 4
    assert weights.load_model(tmp_path / "last.npz")
    remove_remains(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["last.npz", "log.csv"]
    assert not wait(fork(lambda: train(tmp_path)))
    same(tmp_path, whole)


def same(folder, whole):
    description, arrays = read(folder / "last.npz")
    assert description["state"]["iteration"] == 10
    assert list(arrays) == list(whole)
    for name, array in whole.items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)
    assert list(read_log(folder / "log.csv")["iteration"]) == list(range(1, 11))


def test_killed_while_the_log_is_cut_to_the_checkpoint(tmp_path, whole):
    def killed(name, act=kill_myself):
        at_call(5, os, "replace")
        train(tmp_path)

    assert wait(fork(lambda: killed("a")))
    before = (tmp_path / "log.csv").read_text()
    assert before.count("\n") == 5  # the fourth step was logged, and not saved any more

    def again():
        at_call(1, os, "replace")
        train(tmp_path)

    assert wait(fork(again))
    assert (tmp_path / "log.csv").read_text() == before
    assert not wait(fork(lambda: train(tmp_path)))
    same(tmp_path, whole)


def test_killed_before_anything_was_saved(tmp_path, whole):
    def killed():
        at_call(2, os, "replace")  # the first is the log's
        train(tmp_path)

    assert wait(fork(killed))
    assert not (tmp_path / "last.npz").exists()
    assert not wait(fork(lambda: train(tmp_path)))
    same(tmp_path, whole)
