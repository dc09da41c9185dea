"""The benchmark checks before it times."""

from dataclasses import replace

import pytest

from numpyssd import benchmark, kernels
from numpyssd.cli import timing
from numpyssd.config import SSD300, TINY
from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime import threads
from numpyssd.model.ssd import SSD
from numpyssd.model.summary import summary


def test_it_prints_the_check_and_the_times(capsys):
    assert benchmark.main(["--preset", "tiny", "--rounds", "1", "--backend", "cpu"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("against the reference, ") == 3
    rows = {line.split()[0]: line for line in printed.splitlines() if line}
    assert "im2col" in rows["conv1_1"]
    assert "Winograd" in rows["conv2_1"]
    assert set(rows) >= {row.layer for row in summary(TINY)}
    assert "peak memory" in printed
    assert "times the work" not in printed


def test_growth_varies_one_thing_at_a_time(capsys, monkeypatch):
    monkeypatch.setattr(timing, "PIXELS", (32, 64))
    monkeypatch.setattr(timing, "BATCHES", (1, 2))
    monkeypatch.setattr(timing, "WIDTHS", (0.5, 1.0))
    before = threads.thread_count()
    benchmark.main(["--preset", "tiny", "--rounds", "1", "--growth", "--backend", "cpu"])
    assert threads.thread_count() == before
    tables = capsys.readouterr().out.split("\n\n")[-4:]
    assert [table.split()[0] for table in tables] == ["pixels", "batch", "width", "threads"]
    assert [line.split()[-1] for line in tables[0].splitlines()[1:]] == ["1.00", "4.00"]
    assert [line.split()[-1] for line in tables[1].splitlines()[1:]] == ["1.00", "2.00"]


def test_the_fractions_of_the_layers_add_up():
    timed, forward, backward = timing.time_layers(replace(SSD300, width=1 / 8), 1, 3)
    assert [row.layer for row in timed] == [layer.name for layer in SSD(replace(SSD300, width=1 / 8)).layers()]
    assert 0.5 * forward < sum(row.forward for row in timed) < 1.5 * forward
    assert 0.5 * backward < sum(row.backward for row in timed) < 1.5 * backward


def test_a_wrong_kernel_is_found_before_anything_is_timed(monkeypatch):
    with kernels.using("cpu") as cpu:
        right = cpu.maxpool2d_forward

        def wrong(x, *geometry):
            out, argmax = right(x, *geometry)
            return out * out.dtype.type(1.001), argmax

        monkeypatch.setattr(cpu, "maxpool2d_forward", wrong)
        monkeypatch.setattr(timing, "time_layers", lambda *_: pytest.fail("timed a wrong kernel"))
        with pytest.raises(InputError, match="kernels are wrong"):
            benchmark.main(["--preset", "tiny", "--backend", "cpu"])
