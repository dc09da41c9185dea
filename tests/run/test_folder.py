"""run_folder: who may train where, and what a user is told otherwise."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from killing import fork, kill_after, needs_fork, wait
from windows import held

import numpyssd
from numpyssd.errors import InputError
from numpyssd.run.folder import remove_remains, run_folder
from numpyssd.run.lock import LOCK_FILE, alone_in
from numpyssd.run.settings import write_settings


def options(out, resume=False, tiny=False):
    return SimpleNamespace(out=out, resume=resume, tiny=tiny)


def enter(*arguments, **choices):
    with run_folder(options(*arguments, **choices)):
        pass


HOLD = """
import sys
import tempfile
from pathlib import Path
from numpyssd.run.lock import alone_in
with alone_in(Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that trains in the folder."""
    environment = {**os.environ, "PYTHONPATH": str(Path(numpyssd.__file__).parents[1])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], env=environment, **pipes) as process:
        assert process.stdout.readline().strip() == b"inside"
        yield process
        process.kill()


@pytest.mark.parametrize("choices", [{}, {"resume": True}, {"tiny": True}])
def test_a_second_run_in_the_same_folder_is_told_so_and_changes_nothing(other, tmp_path, choices):
    for name in ("last.npz", "last.npz.77.tmp", "gradients.csv"):
        (tmp_path / name).write_text(name)
    with pytest.raises(InputError) as caught:
        enter(tmp_path, **choices)
    assert str(caught.value) == (
        f"another run is training in {tmp_path}; wait until it has ended, or choose another --out"
    )
    assert sorted(os.listdir(tmp_path)) == ["gradients.csv", "last.npz", "last.npz.77.tmp"]
    enter(tmp_path / "another")


def test_a_run_that_was_killed_keeps_nobody_out(other, tmp_path):
    other.kill()
    other.wait()
    enter(tmp_path)
    assert os.listdir(tmp_path) == []  # no file of a lock either
    (tmp_path / LOCK_FILE).touch()  # which a killed run leaves on Windows
    enter(tmp_path)


def test_the_folder_is_free_again_afterwards(tmp_path):
    for _ in range(3):
        enter(tmp_path)
    with alone_in(tmp_path), pytest.raises(InputError, match="another run is training"):
        enter(tmp_path)
    with pytest.raises(ZeroDivisionError), alone_in(tmp_path):
        raise ZeroDivisionError
    enter(tmp_path)


def test_remains_of_a_killed_run_go_and_nothing_else(tmp_path):
    remains = ["last.npz.123.tmp", "best.npz.9.tmp", "log.csv.tmp", "config.json.tmp", "curves.png.tmp"]
    others = ["last.npz", "mine.tmp", "last.npz.tmp.npz", "photo.jpg.tmp", "x.last.npz.1.tmp", "report.html"]
    for name in remains + others:
        (tmp_path / name).touch()
    enter(tmp_path, tiny=True)
    assert sorted(os.listdir(tmp_path)) == sorted(others)
    remove_remains(tmp_path / "no such folder")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="only root can become nobody")
def test_a_folder_that_cannot_be_written(tmp_path):
    folder = out = tmp_path / "out"
    out.mkdir()
    while Path(tempfile.gettempdir()) in (folder := folder.parent).parents:
        os.chmod(folder, 0o755)

    def as_nobody():
        os.setuid(65534)
        with pytest.raises(InputError, match="cannot be written; change its permissions, or choose another --out"):
            enter(out)
        with pytest.raises(InputError, match=r"cannot be made \(Permission denied\); choose another --out"):
            enter(out / "deeper")

    assert not wait(fork(as_nobody))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
def test_a_folder_that_can_be_written_but_not_read(tmp_path, monkeypatch):
    def refuse_to_open(path, flags):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse_to_open)  # root may open every folder
    with pytest.raises(InputError) as caught:
        enter(tmp_path)
    assert str(caught.value) == (
        f"the folder {tmp_path} cannot be read (Permission denied); change its permissions, or choose another --out"
    )


def test_remains_that_are_held_do_not_keep_others_there(tmp_path, monkeypatch):
    for name in ("last.npz.1.tmp", "last.npz.2.tmp"):
        (tmp_path / name).touch()
    unlink = os.unlink
    monkeypatch.setattr(os, "unlink", lambda path: refuse(path) if path.name.endswith("1.tmp") else unlink(path))
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: sorted(listdir(path)))
    remove_remains(tmp_path)
    assert os.listdir(tmp_path) == ["last.npz.1.tmp"]


def refuse(path):
    raise held(32, str(path))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /proc, where nobody can write")
def test_a_folder_that_cannot_be_written_though_the_system_says_so(monkeypatch):
    """os.access answers yes for every folder of Windows; then the first file that is written tells."""
    monkeypatch.setattr(os, "access", lambda *arguments: True)
    with run_folder(options(Path("/proc"))), pytest.raises(InputError, match="config.json cannot be written"):
        write_settings("/proc", {})


def test_a_folder_of_an_earlier_run(tmp_path):
    (tmp_path / "last.npz").touch()
    with pytest.raises(InputError, match="holds an earlier run; add --resume to go on with it, or choose another"):
        enter(tmp_path)
    enter(tmp_path, resume=True)
    enter(tmp_path, tiny=True)


@needs_fork
def test_a_child_that_ends_is_not_called_killed(tmp_path):
    assert not kill_after(fork(lambda: None), 30)
    with pytest.raises(AssertionError, match="ended with code 1"):
        wait(fork(lambda: 1 / 0))
