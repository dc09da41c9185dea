"""A disk that is full, one that may not be written, a terminal that is closed: real ones, where they may be made."""

import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

import numpyssd
from numpyssd import weights
from numpyssd.datasets.shapes import write_voc
from numpyssd.run.log import read_log
from numpyssd.weights.formats.npz import read

WHY = "this system has other terminals"
fcntl, pty, termios = (pytest.importorskip(name, reason=WHY) for name in ("fcntl", "pty", "termios"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(numpyssd.__file__).parents[1])}


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "voc"
    write_voc(root, {"train": 6, "val": 2})
    return root


@pytest.fixture
def mounted(tmp_path):
    """Return a function that makes a disk of some bytes; skip where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options):
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
        return place

    yield mount
    subprocess.run(["umount", "-l", place], capture_output=True)


def arguments(voc, out, iterations):
    short = ["--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", iterations]
    return [sys.executable, "-m", "numpyssd.train", "--data", voc, *short, "--out", out]


def run(*command):
    return subprocess.run([*map(str, command)], env=ENVIRONMENT, capture_output=True, text=True, timeout=200)


def one_line(result, *parts):
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for part in parts:
        assert part in line


def test_a_disk_that_fills_up_and_is_emptied(voc, tmp_path, mounted):
    disk = mounted("size=3m")
    assert run(*arguments(voc, tmp_path / "whole", 60)).returncode == 0
    assert run(*arguments(voc, disk / "run", 30)).returncode == 0
    before = (disk / "run" / "last.npz").read_bytes()
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(os.statvfs(disk).f_bavail * 4096))
    resume = [sys.executable, "-m", "numpyssd.train", "--out", disk / "run", "--resume"]
    one_line(run(*resume, "--iterations", 60), "cannot be written (No space left on device)", "free some space")
    assert (disk / "run" / "last.npz").read_bytes() == before
    assert weights.load_model(disk / "run" / "best.npz")
    ballast.unlink()
    room = bytes(os.statvfs(disk).f_bavail * 4096 - 150_000)  # enough for the log, not for a checkpoint
    ballast.write_bytes(room)
    one_line(run(*resume, "--iterations", 60), "cannot be written (No space left on device)", "--resume")
    assert (disk / "run" / "last.npz").read_bytes() == before
    ballast.unlink()
    result = run(*resume, "--iterations", 60)
    assert result.returncode == 0, result.stderr
    assert read(disk / "run" / "last.npz")[0]["state"]["iteration"] == 60
    assert not [name for name in os.listdir(disk / "run") if name.endswith(".tmp")]


def test_a_disk_that_may_only_be_read(voc, mounted):
    disk = mounted("size=1m,ro")
    one_line(run(*arguments(voc, disk, 2)), f"the folder {disk} cannot be written", "choose another --out")
    one_line(run(*arguments(voc, disk / "run", 2)), "cannot be made (Read-only file system)", "choose another --out")


def test_files_that_may_not_grow(voc, tmp_path):
    """A quota, as the shell's ulimit sets it: 40 kB a file, less than a checkpoint."""
    command = " ".join(f"'{part}'" for part in arguments(voc, tmp_path / "run", 30))
    result = run("bash", "-c", f"ulimit -f 40; exec {command}")
    one_line(result, ".npz cannot be written (File too large); free some space", "nothing was saved before")
    assert [name for name in os.listdir(tmp_path / "run") if name.endswith(".tmp")] == []


def test_a_terminal_that_is_closed(voc, tmp_path):
    out = tmp_path / "run"
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [str(part) for part in arguments(voc, out, 1_000_000)], ENVIRONMENT)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # at 0 x 0 no bar is shown
    shown, end = b"", time.monotonic() + 120
    while b"loss" not in shown or not (out / "log.csv").exists() or len(read_log(out / "log.csv")["loss"]) < 3:
        assert time.monotonic() < end
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 1000)
    os.close(terminal)  # the system tells the child, and whatever it writes from now on is an error
    end = time.monotonic() + 60
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        assert time.monotonic() < end
        time.sleep(0.05)
    done = read(out / "last.npz")[0]["state"]["iteration"]
    assert done > 20
    assert weights.load_model(out / "last.npz")
    result = run(sys.executable, "-m", "numpyssd.train", "--out", out, "--resume", "--iterations", done + 5)
    assert result.returncode == 0, result.stderr
    assert read(out / "last.npz")[0]["state"]["iteration"] == done + 5
