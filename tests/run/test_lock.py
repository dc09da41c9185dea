"""The lock of a folder as Windows has it, with a msvcrt that keeps book; other systems' locks: test_folder.py."""

import os
import sys
from types import SimpleNamespace

import pytest
from windows import held

from numpyssd.errors import InputError
from numpyssd.run.lock import LOCK_FILE, alone_in


@pytest.fixture
def calls(monkeypatch):
    """The calls of a msvcrt that locks the byte of one handle at a time, on a system without fcntl."""
    made, owner, unlink = [], [], os.unlink

    def locking(handle, mode, count):
        made.append((mode, count))
        if mode == "unlock":
            assert owner == [handle]
            owner.clear()
        elif owner:
            raise PermissionError(13, "Permission denied")
        else:
            owner.append(handle)

    def remove(path):
        if owner:  # another handle has the file open
            raise held(32, str(path))
        unlink(path)

    fake = SimpleNamespace(locking=locking, LK_NBLCK="lock", LK_UNLCK="unlock")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setattr(os, "unlink", remove)
    return made


def test_one_at_a_time(calls, tmp_path):
    with alone_in(tmp_path):
        assert calls == [("lock", 1)]
        assert os.listdir(tmp_path) == [LOCK_FILE]
        for _ in range(2):
            with pytest.raises(InputError) as caught, alone_in(tmp_path):
                pytest.fail("two at a time")
            assert str(caught.value) == (
                f"another run is training in {tmp_path}; wait until it has ended, or choose another --out"
            )
        assert os.listdir(tmp_path) == [LOCK_FILE]
    assert os.listdir(tmp_path) == []
    with alone_in(tmp_path):
        assert calls[-2:] == [("unlock", 1), ("lock", 1)]


def test_a_run_that_fails_unlocks_the_folder(calls, tmp_path):
    with pytest.raises(KeyboardInterrupt), alone_in(tmp_path):
        raise KeyboardInterrupt
    assert calls == [("lock", 1), ("unlock", 1)]
    assert os.listdir(tmp_path) == []


def test_what_a_killed_run_left_locks_nothing(calls, tmp_path):
    (tmp_path / LOCK_FILE).touch()
    with alone_in(tmp_path):
        pass
    assert os.listdir(tmp_path) == []


def test_a_disk_without_locks_keeps_nobody_out(calls, tmp_path, monkeypatch):
    def cannot(*arguments):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(sys.modules["msvcrt"], "locking", cannot)
    with alone_in(tmp_path), alone_in(tmp_path):
        pass


def test_every_handle_is_closed(calls, tmp_path, monkeypatch):
    opened, closed = [], []
    really_open, really_close = os.open, os.close
    monkeypatch.setattr(os, "open", lambda *a: opened.append(really_open(*a)) or opened[-1])
    monkeypatch.setattr(os, "close", lambda handle: (closed.append(handle), really_close(handle)))
    with alone_in(tmp_path), pytest.raises(InputError), alone_in(tmp_path):
        pass
    assert len(opened) == 2
    assert sorted(opened) == sorted(closed)


def test_a_folder_that_cannot_be_written_is_one_sentence(calls, tmp_path, monkeypatch):
    def refuse(path, flags):
        raise held(None, str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError) as caught, alone_in(tmp_path):
        pytest.fail("nothing can be written here")
    assert str(caught.value) == (
        f"the folder {tmp_path} cannot be written (Access is denied); change its permissions, or choose another --out"
    )
