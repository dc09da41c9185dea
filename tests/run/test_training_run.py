import os
import signal
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from short_run import after_each_step, arrays_of, before_each_step, short_run

from numpyssd import weights
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.run import checkpoints
from numpyssd.run import training_run as loop
from numpyssd.run.log import read_log
from numpyssd.training import schedule
from numpyssd.weights.formats.npz import read


def interrupt_at(training, iteration, act=None):
    """Let a step of a training be interrupted before it does anything."""
    return before_each_step(training, lambda i: (act or interrupt)() if i == iteration else None)


def interrupt():
    raise KeyboardInterrupt


def assert_same(training, other):
    a, b = arrays_of(training), arrays_of(other)
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


# ---- going on where it stopped ---------------------------------------------------------------------------------------


def numbers(*names):
    """Return the numbers of those of the signals that this system has."""
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


CAUGHT = numbers("SIGINT", "SIGBREAK", "SIGTERM", "SIGHUP")


@pytest.mark.parametrize("number", CAUGHT)
def test_a_signal_lets_the_step_end_and_saves(tmp_path, number):
    handlers = [signal.getsignal(n) for n in CAUGHT]
    training = interrupt_at(short_run(tmp_path), 3, lambda: signal.raise_signal(number))
    with pytest.raises(KeyboardInterrupt):
        training.run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == training.state.iteration == 4
    assert [signal.getsignal(n) for n in CAUGHT] == handlers
    resumed = short_run(tmp_path)
    resumed.resume()
    assert_same(training, resumed)


def test_a_second_ctrl_c_does_not_wait_for_the_step(tmp_path):
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the step went on")

    with pytest.raises(KeyboardInterrupt):
        interrupt_at(short_run(tmp_path), 3, twice).run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 3


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no other signal stands in for Ctrl-Break here")
def test_ctrl_break_of_windows_is_as_ctrl_c(tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    training = interrupt_at(short_run(tmp_path), 3, lambda: signal.raise_signal(signal.SIGBREAK))
    with pytest.raises(KeyboardInterrupt):
        training.run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 4
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL

    def twice():
        signal.raise_signal(signal.SIGBREAK)
        signal.raise_signal(signal.SIGBREAK)
        pytest.fail("the step went on")

    with pytest.raises(KeyboardInterrupt):
        interrupt_at(short_run(tmp_path / "again"), 3, twice).run()
    assert read(tmp_path / "again" / "last.npz")[0]["state"]["iteration"] == 3


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_nohup_is_respected(tmp_path):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        training = interrupt_at(short_run(tmp_path), 1, lambda: signal.raise_signal(signal.SIGHUP))
        assert training.run().iteration == 10
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_in_an_evaluation_does_that_evaluation_later(tmp_path, monkeypatch):
    val, evaluate = ShapesDataset(2, split="val"), loop.evaluate

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return evaluate(*arguments, **options)

    monkeypatch.setattr(loop, "evaluate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        short_run(tmp_path, val, evaluations=1).run()
    assert not (tmp_path / "best.npz").exists()
    monkeypatch.setattr(loop, "evaluate", evaluate)
    training = short_run(tmp_path, val, evaluations=1)
    training.resume()
    assert training.state.iteration == 10
    assert not training.finished()
    training.run()
    assert (tmp_path / "best.npz").exists()
    assert training.finished()


def test_a_finished_run_knows_that_it_is(tmp_path):
    short_run(tmp_path).run()
    again = short_run(tmp_path)
    assert not again.finished()
    again.resume()
    assert again.finished()
    longer = short_run(tmp_path, iterations=12)
    longer.resume()
    assert not longer.finished()
    longer.run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 12


class Vanishing:
    """Images of which one cannot be read any more from some time on."""

    def __init__(self, reads):
        self.shapes, self.reads = ShapesDataset(6), reads

    def __len__(self):
        return len(self.shapes)

    def __getitem__(self, i):
        self.reads -= 1
        if self.reads < 0:
            raise InputError("photos/5.jpg is cut off; copy it again")
        return self.shapes[i]


def test_an_image_that_cannot_be_read_stops_the_run_and_what_was_done_is_saved(tmp_path):
    training = short_run(tmp_path, dataset=Vanishing(5))  # three batches of two
    with pytest.raises(InputError, match="5.jpg is cut off"):
        training.run()
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 2


def test_an_output_that_is_gone_stops_the_run_and_what_was_done_is_saved(tmp_path, monkeypatch):
    def gone(self, line):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(loop.Progress, "say", gone)
    with pytest.raises(BrokenPipeError):
        short_run(tmp_path).run()  # the last iteration is the first that is shown
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 10


# ---- numbers that are not finite -------------------------------------------------------------------------------------


def poisoned(training, iteration, change):
    """Let a batch of a training come with a change."""
    batch = training.batches.batch

    def changed(t):
        made = batch(t)
        if t == iteration:
            change(made)
        return made

    training.batches.batch = changed
    return training


def nan_image(batch):
    batch.images[1, 5, 5, 0] = np.nan


def nan_target(batch):
    loc_targets, conf_targets = batch.targets
    loc_targets[1, np.flatnonzero(conf_targets[1])[0], 2] = np.nan


def failure(training):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(InputError) as caught:
            training.run()
    return str(caught.value)


@pytest.mark.parametrize("change", [nan_image, nan_target])
def test_nan_in_a_batch_names_the_image(tmp_path, change):
    training = poisoned(short_run(tmp_path, evaluations=5), 5, change)  # saved after 2, 4 iterations
    index = training.batches.indices(5)[1]
    text = failure(training)
    assert text.startswith("training stopped at iteration 5: ")
    assert f"image {index} of the training split is not finite" in text
    assert ("target of default box" in text) == (change is nan_target)
    assert text.endswith("last.npz is the last good checkpoint")
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 4
    assert weights.load_model(tmp_path / "last.npz")
    healthy = short_run(tmp_path, evaluations=5)  # with the data fixed the run goes on as if nothing had happened
    healthy.resume()
    healthy.run()
    (tmp_path / "whole").mkdir()
    whole = short_run(tmp_path / "whole", evaluations=5)
    whole.run()
    assert_same(healthy, whole)


def test_nan_in_a_weight_names_the_parameter(tmp_path):
    training = short_run(tmp_path, evaluations=5)
    value = training.model.parameters()["conv3_1.weight"].value
    interrupt_at(training, 5, lambda: value.fill(np.nan))
    assert "iteration 5: the parameter conv3_1.weight is not finite" in failure(training)
    assert weights.load_model(tmp_path / "last.npz")


def test_nan_in_a_gradient_names_it_and_no_weight_moves(tmp_path):
    training = short_run(tmp_path)
    backward = training.model.backward

    def damaged(*arguments):
        backward(*arguments)
        training.model.parameters()["conv2_1.bias"].grad[0] = np.inf

    training.model.backward = damaged
    before = training.model.parameters()["conv1_1.weight"].value.copy()
    assert "iteration 0: the gradient of conv2_1.bias is not finite" in failure(training)
    np.testing.assert_array_equal(training.model.parameters()["conv1_1.weight"].value, before)


def test_without_a_checkpoint_none_is_promised(tmp_path):
    assert failure(poisoned(short_run(tmp_path), 0, nan_image)).endswith("nothing was saved before")
    assert not (tmp_path / "last.npz").exists()


@pytest.mark.parametrize("lr", [1e8, 1e30, 1e38])
def test_a_learning_rate_far_too_high_says_so_and_spoils_no_checkpoint(tmp_path, lr):
    short_run(tmp_path, iterations=3).run()
    training = short_run(tmp_path, lr=lr, iterations=200, schedule="multistep")
    training.resume()
    text = failure(training)
    assert f"lower the learning rate with --lr (now {lr:g})" in text
    assert "last.npz is the last good checkpoint" in text
    assert weights.load_model(tmp_path / "last.npz")


def test_a_step_into_the_infinite_is_noticed_before_it_is_saved(tmp_path):
    short_run(tmp_path, iterations=3).run()
    training = short_run(tmp_path)
    training.resume()
    optimizer_step = training.optimizer.step

    def far(*_):
        optimizer_step()
        training.model.parameters()["conv7.weight"].value[0] = np.inf

    training.optimizer.step = far
    training.schedule.recipe = replace(training.recipe, evaluations=10)  # due at once
    assert "the parameter conv7.weight is not finite" in failure(training)
    assert weights.load_model(tmp_path / "last.npz")


def test_ctrl_c_saves_no_weights_that_are_not_finite(tmp_path):
    short_run(tmp_path, iterations=3).run()
    training = short_run(tmp_path, evaluations=1)
    training.resume()

    def both():
        training.model.parameters()["conv7.weight"].value[0] = np.nan
        interrupt()

    assert "conv7.weight is not finite" in failure(interrupt_at(training, 5, both))
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 3


# ---- the clock -------------------------------------------------------------------------------------------------------


class Clock:
    """A clock that goes on by a second at each step of a training."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        for module in (checkpoints, schedule):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))

    def tick(self, training):
        self.rates = []

        def tick(iteration):
            self.now += 1.0

        before_each_step(training, tick)
        return after_each_step(training, lambda losses: self.rates.append(training.optimizer.lr))


def test_max_minutes_ends_the_run_in_time_with_the_schedule_at_its_end(tmp_path, monkeypatch):
    clock = Clock(monkeypatch)
    training = clock.tick(short_run(tmp_path, ShapesDataset(2, split="val"), minutes=0.5, iterations=100_000))
    training.run()
    assert training.state.iteration == 30  # of 100,000; half a minute
    assert training.schedule.seconds() == 30
    assert max(clock.rates) == pytest.approx(0.01, rel=0.05)
    assert clock.rates[-1] < 0.01 * 0.001
    assert clock.rates[7:] == sorted(clock.rates[7:], reverse=True)
    assert read(tmp_path / "best.npz")[0]["iteration"] in (15, 30)
    assert training.finished()


def test_a_warm_up_longer_than_the_run_is_cut(tmp_path, monkeypatch):
    clock = Clock(monkeypatch)
    clock.tick(short_run(tmp_path, minutes=0.5, iterations=100_000, warm_up=1000)).run()
    assert max(clock.rates) > 0.008
    short = short_run(tmp_path, warm_up=1000)
    assert max(short.schedule.learning_rate(i) for i in range(10)) > 0.008


def test_the_rate_follows_warm_up_and_schedule(tmp_path):
    training = short_run(tmp_path, iterations=1000, warm_up=9, schedule="multistep")
    rates = [training.schedule.learning_rate(i) for i in (0, 4, 9, 500, 700, 900)]
    assert rates == pytest.approx([0.001, 0.005, 0.01, 0.01, 0.001, 0.0001])
    training = short_run(tmp_path, iterations=1000, warm_up=9)
    assert training.schedule.learning_rate(500) == pytest.approx(0.005)


def test_a_run_with_enough_time_ends_by_its_iterations(tmp_path):
    training = short_run(tmp_path, minutes=5)
    training.run()
    assert training.state.iteration == 10


def test_a_run_that_ended_by_its_time_is_finished_when_resumed(tmp_path, monkeypatch):
    Clock(monkeypatch).tick(short_run(tmp_path, minutes=0.1, iterations=100_000)).run()
    again = short_run(tmp_path, minutes=0.1, iterations=100_000)
    again.resume()
    assert again.finished()
    longer = short_run(tmp_path, minutes=0.2, iterations=100_000)
    longer.resume()
    assert longer.schedule.fraction(longer.state.iteration) == pytest.approx(0.5)


@pytest.mark.parametrize("limit", range(20, 28))
def test_the_last_evaluation_comes_wherever_in_an_iteration_the_time_runs_out(tmp_path, monkeypatch, limit):
    clock, evaluated = SimpleNamespace(now=0.0), []

    def monotonic():  # every look at the clock takes a second
        clock.now += 1
        return clock.now

    def evaluate(*_, **__):
        evaluated.append(training.state.iteration)
        return SimpleNamespace(mean=0.5)

    for module in (checkpoints, schedule):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic))
    monkeypatch.setattr(loop, "evaluate", evaluate)
    training = short_run(tmp_path, [None], minutes=limit / 60, iterations=100_000, evaluations=1)
    training.run()
    assert evaluated == [training.state.iteration]


def test_a_step_that_is_shorter_than_a_tick_of_the_clock(tmp_path, monkeypatch):
    """Windows' clock has ticks of 16 ms."""
    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: 5.0))
    assert short_run(tmp_path).run().iteration == 10
    log = read_log(tmp_path / "log.csv")
    assert log["seconds"].tolist() == [0.0]
    assert np.isnan(log["images_per_second"]).all()


def test_seconds_and_speed_of_a_resumed_run_count_the_earlier_part(tmp_path, monkeypatch):
    clock = Clock(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        clock.tick(interrupt_at(short_run(tmp_path, iterations=40), 20)).run()
    clock.now += 500  # nobody trains
    resumed = short_run(tmp_path, iterations=40)
    resumed.resume()
    clock.now += 50  # compiling
    clock.tick(resumed).run()
    log = read_log(tmp_path / "log.csv")
    assert list(log["iteration"]) == [1, 11, 21, 31]
    assert log["seconds"] == pytest.approx(log["iteration"], abs=1.01)
    assert log["images_per_second"] == pytest.approx(2, rel=0.06)  # two images a second, before and after


# ---- what is left behind ---------------------------------------------------------------------------------------------


def test_the_log_has_a_row_every_ten_iterations_and_one_an_evaluation(tmp_path):
    short_run(tmp_path, ShapesDataset(2, split="val"), iterations=22).run()
    log = read_log(tmp_path / "log.csv")
    assert list(log["iteration"]) == [1, 11, 11, 21, 22]
    assert list(np.isfinite(log["val_map"])) == [False, False, True, False, True]
    assert list(np.isfinite(log["loss"])) == [True, True, False, True, False]
    assert log["epoch"] == pytest.approx(log["iteration"] / 3, rel=1e-5)  # six images, two at a time
    trained = np.isfinite(log["loss"])
    np.testing.assert_allclose(log["loss"][trained], (log["loc"] + log["conf"])[trained], rtol=1e-4)
    assert (log["positives"][trained] > 0).all()
    assert (log["negatives"][trained] <= 3 * log["positives"][trained]).all()
    assert (log["gradient_norm"][trained] > 0).all()


def test_best_npz_is_the_best(tmp_path, monkeypatch):
    maps, weights_then = iter([0.2, 0.6, 0.4, 0.6, 0.1]), []

    def evaluate(detector, *_, **__):
        weights_then.append(detector.model.parameters()["loc.0.weight"].value.copy())
        return SimpleNamespace(mean=next(maps))

    monkeypatch.setattr(loop, "evaluate", evaluate)
    training = short_run(tmp_path, [None], evaluations=5)
    state = training.run()
    description, arrays = read(tmp_path / "best.npz")
    np.testing.assert_array_equal(arrays["loc.0.weight"], weights_then[1])
    assert (description["iteration"], description["validation_map"]) == (4, 0.6)  # of equals the earlier
    assert (state.best_map, state.best_iteration) == (0.6, 4)
    assert read(tmp_path / "last.npz")[0]["state"]["best_map"] == 0.6


def test_the_best_is_remembered_across_an_interruption(tmp_path, monkeypatch):
    maps = iter([0.5, 0.4, 0.3, 0.3, 0.3])
    monkeypatch.setattr(loop, "evaluate", lambda *_, **__: SimpleNamespace(mean=next(maps)))
    with pytest.raises(KeyboardInterrupt):
        interrupt_at(short_run(tmp_path, [None], evaluations=5), 5).run()
    resumed = short_run(tmp_path, [None], evaluations=5)
    resumed.resume()
    resumed.run()
    assert next(maps, None) is None  # five evaluations in all
    assert read(tmp_path / "best.npz")[0]["iteration"] == 2


def test_without_a_mean_the_latest_is_the_best(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "evaluate", lambda *_, **__: SimpleNamespace(mean=float("nan")))
    short_run(tmp_path, [None], evaluations=5).run()
    description, _ = read(tmp_path / "best.npz")
    assert (description["iteration"], description["validation_map"]) == (10, None)


def test_without_a_validation_set_there_is_no_best(tmp_path):
    short_run(tmp_path).run()
    assert sorted(os.listdir(tmp_path)) == ["last.npz", "log.csv"]


def test_a_checkpoint_is_written_every_minute(tmp_path, monkeypatch):
    clock = Clock(monkeypatch)
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 10)
    training = clock.tick(short_run(tmp_path, iterations=35, evaluations=1))
    saved, save_last = [], training.save_last
    training.save_last = lambda: (saved.append(training.state.iteration), save_last())
    training.run()
    assert saved[:3] == [11, 22, 33]


def test_a_long_run_of_epochs_counts_its_iterations(tmp_path):
    assert short_run(tmp_path, iterations=None, epochs=7).iterations == 21
    assert short_run(tmp_path, iterations=None, epochs=1, batch_size=50).iterations == 1


def test_evaluating_does_not_change_what_is_learned(tmp_path):
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    with_val, without = short_run(tmp_path / "with", ShapesDataset(2, split="val")), short_run(tmp_path / "without")
    with_val.run()
    without.run()
    assert_same(with_val, without)
