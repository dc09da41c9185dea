"""Ten iterations are five, a checkpoint and five more, to the bit: augmentation, parts, momentum, rates and all."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from short_run import THIN, arrays_of, before_each_step, short_run

import numpyssd
from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.kernels.cpu.runtime import threads
from numpyssd.weights.formats.npz import read

PLAIN = replace(THIN, batch_norm=False, norm_scale=8.0)
RECIPES = {
    "batch norm": {},
    "no batch norm": {"config": PLAIN},
    "parts": {"batch_size": 3, "micro_batch": 1},
    "parts without batch norm": {"config": PLAIN, "batch_size": 4, "micro_batch": 3},
    "drops": {"schedule": "multistep", "drops": (4, 7)},
    "clipped": {"clip_gradient": 0.5},
    "averaged": {"ema": 0.9},
    "mixed": {"augmentation": {"mosaic_probability": 0.5, "copy_probability": 0.5}},
    "other losses": {"loss": {"label_smoothing": 0.1, "box_loss": "giou", "min_negatives": 20}},
    "focal": {"loss": {"focal_gamma": 2.0}},
}


@pytest.fixture(autouse=True)
def fast():
    with kernels.using("cpu"):
        before = threads.thread_count()
        yield
        threads.set_threads(before)


def run_until(training, last):
    """Let a training be interrupted before an iteration, as by Ctrl-C."""

    def interrupt(iteration):
        if iteration == last:
            raise KeyboardInterrupt

    before_each_step(training, interrupt)
    with pytest.raises(KeyboardInterrupt):
        training.run()


def folder(path):
    path.mkdir()
    return path


def assert_same(a, b):
    assert list(a) == list(b)
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name], err_msg=name)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_ten_are_five_and_five(tmp_path, recipe):
    whole = short_run(folder(tmp_path / "whole"), **recipe)
    whole.run()
    before = arrays_of(short_run(tmp_path, **recipe))
    assert not any(np.array_equal(array, before[name]) for name, array in arrays_of(whole).items())
    run_until(short_run(folder(tmp_path / "parts"), **recipe), 5)
    second = short_run(tmp_path / "parts", **recipe)
    second.resume()
    assert second.state.iteration == 5
    rates, step = [], second.optimizer.step
    second.optimizer.step = lambda: (rates.append(second.optimizer.lr), step())
    second.run()
    assert rates == [whole.schedule.learning_rate(i) for i in range(5, 10)]
    assert_same(arrays_of(whole), arrays_of(second))


def test_the_momentum_and_every_choice_matter(tmp_path):
    # What the tests above compare is not the same anyway: without one of these it is another run.
    whole = short_run(folder(tmp_path / "whole"))
    whole.run()
    run_until(short_run(folder(tmp_path / "parts")), 5)
    for name, change in (
        ("momentum", lambda training: [v.fill(0) for v in training.optimizer.velocity.values()]),
        ("iteration", lambda training: setattr(training.state, "iteration", 4)),
        ("statistics", lambda training: [layer.running[k].fill(1) for layer, k in statistics(training)]),
    ):
        shutil.copytree(tmp_path / "parts", tmp_path / name)
        second = short_run(tmp_path / name)
        second.resume()
        change(second)
        second.run()
        a, b = arrays_of(whole), arrays_of(second)
        assert any(not np.array_equal(a[n], b[n]) for n in a), name


def statistics(training):
    return training.model.running_statistics().values()


SCRIPT = """
import sys
from short_run import short_run
training = short_run(sys.argv[1], batch_size=3, micro_batch=2)
training.resume()
assert training.state.iteration == 5
training.run()
"""


def test_a_fresh_process_with_other_threads_goes_on_to_the_same_bits(tmp_path):
    recipe = {"batch_size": 3, "micro_batch": 2}
    threads.set_threads(1)
    short_run(folder(tmp_path / "whole"), **recipe).run()
    run_until(short_run(folder(tmp_path / "parts"), **recipe), 5)
    tests = Path(__file__).parents[1]
    places = os.pathsep.join([str(Path(numpyssd.__file__).parents[1]), str(tests)])
    environment = {**os.environ, "PYTHONPATH": places, "NUMPYSSD_THREADS": "2", "NUMPYSSD_BACKEND": "cpu"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "parts")]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    whole, parts = read(tmp_path / "whole" / "last.npz"), read(tmp_path / "parts" / "last.npz")
    assert whole[0]["state"]["iteration"] == parts[0]["state"]["iteration"] == 10
    assert_same(whole[1], parts[1])


@pytest.mark.parametrize("recipe", [{}, {"batch_size": 4, "micro_batch": 2}], ids=["whole", "parts"])
def test_one_thread_and_two_train_to_the_same_bits(tmp_path, recipe):
    found = []
    for count in (1, 2):
        threads.set_threads(count)
        training = short_run(folder(tmp_path / f"{count}"), iterations=4, **recipe)
        training.run()
        found.append(arrays_of(training))
    assert_same(*found)


def test_a_run_that_had_come_to_its_end_adds_nothing_when_it_is_resumed(tmp_path):
    # As when it was killed after its last checkpoint, and before its process had ended.
    val = ShapesDataset(2, split="val")
    short_run(tmp_path, val, iterations=4, evaluations=2).run()
    log, saved = (tmp_path / "log.csv").read_bytes(), (tmp_path / "best.npz").read_bytes()
    again = short_run(tmp_path, val, iterations=4, evaluations=2)
    again.resume()
    assert again.finished()
    again.run()
    assert (tmp_path / "log.csv").read_bytes() == log
    assert (tmp_path / "best.npz").read_bytes() == saved
