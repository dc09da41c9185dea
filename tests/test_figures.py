"""figures: no backend of Matplotlib is asked for, so one that does not exist hinders nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "nonsense"  # as what a notebook hands on to an environment that lacks it
IMAGE = "data/samples/JPEGImages/test_00000.png"
SAMPLES = ("--data", "data/samples", "--split", "test")
FEW = ("--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "4", "--val-split", "none")
COMMANDS = [
    ("numpyssd.detect", [IMAGE, "--weights", "tiny", "--explain", "--score", "0.1"]),
    ("numpyssd.evaluate", [*SAMPLES, "--weights", "tiny"]),
    ("numpyssd.explore", [*SAMPLES, "--weights", "tiny"]),
    ("numpyssd.train", [*SAMPLES, *FEW]),
    ("numpyssd.cli.gallery", ["--weights", "tiny"]),
    ("numpyssd.training.matching", []),  # as each component draws itself
]


def run(*arguments, **environment):
    command = [sys.executable, *map(str, arguments)]
    environment = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_matplotlib_alone_refuses_such_a_backend():
    result = run("-c", "import matplotlib", MPLBACKEND=NOTEBOOK)
    assert "ValueError" in result.stderr  # so the next test means something


@pytest.mark.parametrize(("module", "arguments"), COMMANDS)
def test_every_command_draws_whatever_backend_is_named(module, arguments, tmp_path):
    one_file = module in ("numpyssd.cli.gallery", "numpyssd.training.matching")
    out = tmp_path / "figure.png" if one_file else tmp_path
    result = run("-m", module, *arguments, "--out", out, MPLBACKEND=NOTEBOOK)
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.rglob("*.png"))


def test_a_caller_keeps_the_backend_that_is_named():
    code = (
        "import os\n"
        "from numpyssd.figures import import_matplotlib\n"
        "print(import_matplotlib().get_backend(), os.environ['MPLBACKEND'], import_matplotlib().__name__)"
    )
    result = run("-c", code, MPLBACKEND="svg")
    assert (result.stdout, result.stderr) == ("svg svg matplotlib\n", "")
