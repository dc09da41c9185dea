"""The benchmark checks before it times."""

import numpy as np
import pytest

from numpyssd import benchmark, kernels
from numpyssd.errors import InputError


def test_it_prints_the_check_and_the_times(capsys):
    assert benchmark.main(["--preset", "tiny", "--rounds", "1", "--backend", "cpu"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("against the reference:")
    assert "forward" in printed
    assert "backward" in printed


def test_a_wrong_kernel_is_found_before_anything_is_timed(monkeypatch):
    with kernels.using("cpu") as cpu:
        right = cpu.maxpool2d_forward

        def wrong(x, *geometry):
            out, argmax = right(x, *geometry)
            return out * np.float32(1.001), argmax

        monkeypatch.setattr(cpu, "maxpool2d_forward", wrong)
        monkeypatch.setattr(benchmark, "measure", lambda *_: pytest.fail("timed a wrong kernel"))
        with pytest.raises(InputError, match="kernels are wrong"):
            benchmark.main(["--preset", "tiny", "--backend", "cpu"])
