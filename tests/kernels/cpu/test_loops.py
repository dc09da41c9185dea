"""loops: the first rungs of the ladder are the same convolution, and the ladder refuses a rung that is not."""

import numpy as np
import pytest

from benchmarks import conv_ladder
from numpyssd.kernels import reference
from numpyssd.kernels.cpu.conv import loops
from numpyssd.kernels.cpu.runtime import threads

RUNGS = [loops.conv2d_by_loops, loops.conv2d_by_im2col_and_loops]


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize(("shape", "kernel", "padding"), [((2, 5, 7, 3), (3, 3), 1), ((1, 6, 4, 2), (1, 2), 0)])
def test_equals_reference(rung, shape, kernel, padding, rng):
    x, weight, bias = rng.standard_normal(shape), rng.standard_normal((*kernel, shape[3], 4)), rng.standard_normal(4)
    expected = reference.conv2d_forward(x, weight, bias, padding=padding)
    np.testing.assert_allclose(rung(x, weight, bias, padding), expected, rtol=1e-12, atol=1e-12)


def test_every_rung_of_the_ladder_is_timed(monkeypatch, capsys):
    before = threads.thread_count()
    monkeypatch.setattr(conv_ladder, "LAYERS", ((6, 16, 16),))
    conv_ladder.main(["--rounds", "1", "--threads", "1"])
    assert threads.thread_count() == before
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[3:]] == ["loops", "im2col,", "im2col", "Winograd", "(im2col,"]
    assert float(lines[3].split()[-1]) == 1  # the first rung has none before it


def test_a_wrong_rung_is_refused(rng):
    expected = rng.standard_normal((2, 3))
    conv_ladder.check("right", expected, expected)
    with pytest.raises(SystemExit, match="wrong differs from the reference"):
        conv_ladder.check("wrong", expected * 1.001, expected)
    with pytest.raises(SystemExit, match="NaN differs"):
        conv_ladder.check("NaN", expected * np.nan, expected)
