"""The calculations that draw themselves do so as a command, like the components of the package."""

import sys
from runpy import run_module

import pytest


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize(
    "name", ["conv_cost", "descent", "first_page", "first_weights", "receptive_field", "small_network"]
)
def test_a_calculation_draws_itself(name, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [name, "--out", str(tmp_path / "figure.png")])
    run_module(f"lessons.course.{name}", run_name="__main__")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
