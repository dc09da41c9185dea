"""Without the names that Windows lacks, everything is imported, helps and is collected: Windows simulated on Linux.

Each test is a child process, from which the names are taken away for good; its output knows the letters of code page
437 alone, which consoles of the United States have had.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What belongs to others is imported before: it has code for Windows, chosen by the name of the system.
FIRST = """
import contextlib, importlib, io, pathlib, pkgutil, runpy, sys
import PIL.Image, hypothesis.extra.numpy, matplotlib.figure, numba, pooch, pytest, requests, threadpoolctl, tqdm
from windows import take_away
take_away()
"""


def child(script, *arguments, timeout=120):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    environment |= {"PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0", "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", FIRST + script, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="cp437", timeout=timeout)


def test_every_module_is_imported():
    script = """
import lessons.course, numpyssd
for package in (numpyssd, lessons.course):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # numba-cuda and what the pages are made with need not be installed
        if "cuda" in module.name or module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as reason:
            if reason.name not in ("markdown_it", "pygments"):
                raise
print(len([name for name in sys.modules if name.startswith(("numpyssd.", "lessons."))]))
"""
    result = child(script)
    assert (result.returncode, result.stderr) == (0, "")
    assert int(result.stdout) > 250


def test_every_command_helps():
    script = """
import warnings
from numpyssd.__main__ import COMMANDS
warnings.simplefilter("ignore", RuntimeWarning)  # of runpy: some have been imported already
figures = ["boxes", "model.ssd", "model.default_boxes", "training.matching", "training.augmentation"]
others = ["datasets.shapes", "cli.report", "cli.gallery"]
for name in ["__main__", *COMMANDS, *figures, *others]:
    sys.argv = [name, "--help"]
    try:
        runpy.run_module(f"numpyssd.{name}", run_name="__main__", alter_sys=True)
    except SystemExit as stopped:
        assert not stopped.code, name
    print("helped:", name)
"""
    result = child(script)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("helped:") == result.stdout.count("usage:") == 17


def test_a_network_is_trained_and_used(tmp_path):
    """The locks, the memory, the threads and the signals without those names, and a whole run of training."""
    script = """
import types
lock = types.SimpleNamespace(LK_NBLCK=1, LK_UNLCK=2, locking=lambda *arguments: None)
sys.modules["msvcrt"] = lock  # Windows has it
from numpyssd import detect, train
from numpyssd.cli import command
from numpyssd.run import setup
setup.TINY_COUNTS.update(train=6, test=2)
run = ["--tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "3", "--out", sys.argv[1]]
found = ["data/samples/JPEGImages", "--weights", sys.argv[1] + "/best.npz", "--out", sys.argv[1]]
for main, arguments in ((train.main, run), (detect.main, found)):
    try:
        command.run(main, arguments)
    except SystemExit as stopped:
        assert not stopped.code
"""
    result = child(script, str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    assert "next, type" in result.stdout
    assert (tmp_path / "test_00005.png").exists()


def test_an_exercise_says_its_words_where_the_output_does_not_know_their_letters():
    script = """
sys.path.insert(0, "lessons")
import here
from lessons.course import check
for name in check.names():
    getattr(check, name)(lambda *arguments: None)
    getattr(check, name)(check.EXERCISES[name].answer)
"""
    result = child(script)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("\\u25cb ") == result.stdout.count("\\u2713 ") > 20


@pytest.mark.parametrize("folders", [["tests"], ["tests/trust", "tests/package"]], ids=" ".join)
def test_every_test_is_collected(folders):
    script = "sys.exit(pytest.main(['--collect-only', '-q', '-p', 'no:cacheprovider', *sys.argv[1:]]))"
    result = child(script, *folders)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert "error" not in result.stdout.splitlines()[-1]
