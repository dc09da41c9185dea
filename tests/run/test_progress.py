import sys
from types import SimpleNamespace

import pytest

from numpyssd.detector import Losses
from numpyssd.run import progress

LOSSES = Losses(loc=0.5, conf=1.25, positives=42, negatives=126)


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def show(clock, first=0, iterations=100, minutes=None, seconds=1.0, until=None):
    shown = progress.Progress(first, iterations, batch_size=8, minutes=minutes)
    for iteration in range(first, until or iterations):
        clock.now += seconds
        fraction = max((iteration + 1) / iterations, (clock.now - 100) / (60 * minutes) if minutes else 0)
        shown.update(iteration + 1, LOSSES, fraction)
    shown.close()
    return shown


def test_without_a_terminal_a_plain_line_comes_now_and_then(clock, capsys):
    show(clock)
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == (
        "    11 of 100  loss  1.750 (loc  0.500, conf  1.250)  positives   42    8.0 images/s  89 s left"
    )
    assert [int(line.split()[0]) for line in lines] == [11, 22, 33, 44, 55, 66, 77, 88, 99, 100]
    assert lines[-1].endswith("images/s  0 s left")
    assert captured.err == ""
    assert "\r" not in captured.out
    assert "\x1b" not in captured.out


def test_a_long_way_is_told_in_minutes(clock, capsys):
    show(clock, iterations=1000, until=20)
    assert capsys.readouterr().out.splitlines()[0].endswith("16 min left")


def test_the_time_left_is_no_more_than_the_limit_allows(clock, capsys):
    show(clock, iterations=10_000, minutes=2, until=20)
    assert capsys.readouterr().out.splitlines()[0].endswith("  2 min left")
    show(clock, iterations=50, minutes=100, until=20)  # the iterations are done long before
    assert capsys.readouterr().out.splitlines()[0].endswith("s left")


def test_a_resumed_run_measures_its_own_speed(clock, capsys):
    show(clock, first=90, seconds=2.0)
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith("    96 of 100")
    assert line.endswith("4.0 images/s  8 s left")


def test_nothing_is_guessed_from_a_few_iterations(clock, capsys):
    show(clock, seconds=11, until=5)
    lines = capsys.readouterr().out.splitlines()
    assert ["left" in line for line in lines] == [False] * 4 + [True]
    assert lines[0].endswith("images/s")


def test_a_clock_that_stands_still_does_not_matter(clock, capsys):
    show(clock, iterations=1, seconds=0.0)
    assert "1 of 1" in capsys.readouterr().out


def test_on_a_terminal_there_is_a_bar(clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    shown = show(clock, first=3, iterations=20)
    assert (shown.bar.n, shown.bar.total) == (20, 20)
    shown = progress.Progress(0, 20, 8)
    shown.update(1, LOSSES, 0.05)
    shown.say("iteration 1: mAP 0.500")
    shown.close()
    captured = capsys.readouterr()
    assert captured.out == "iteration 1: mAP 0.500\n"  # above the bar, and nothing else
    assert "20/20" in captured.err
    assert "loss  1.750 (loc  0.500, conf  1.250)  positives   42" in captured.err


def test_lines_in_between_are_plain_too(capsys):
    shown = progress.Progress(0, 20, 8)
    shown.say("iteration 1: mAP 0.500")
    shown.close()
    assert capsys.readouterr().out == "iteration 1: mAP 0.500\n"
