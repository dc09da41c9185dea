"""numpyssd.files: whole or not at all, one sentence for what cannot be written, and numbers out of texts."""

import os
from math import isnan, nan

import pytest
from windows import held, refusing_replace

from numpyssd import files
from numpyssd.errors import InputError
from numpyssd.files import patiently, to_float, write_error, written_whole


@pytest.mark.parametrize("options", [{}, {"per_process": True}, {"sync": True}, {"per_process": True, "sync": True}])
def test_a_file_appears_when_it_is_whole(tmp_path, options):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with written_whole(path, **options) as temporary:
        name = f"a.txt.{os.getpid()}.tmp" if options.get("per_process") else "a.txt.tmp"
        assert temporary == tmp_path / name
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("path", [".", "", os.path.abspath(os.sep)])
def test_a_folder_without_a_name_is_no_place_for_a_file(path):
    with pytest.raises(IsADirectoryError) as caught, written_whole(path):
        pytest.fail("there is no name to write to")
    assert str(write_error(path, caught.value, "choose another --out")) == (
        f"{path} cannot be written (Is a directory); choose another --out"
    )


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")

    def write():
        with written_whole(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(type(error)):
        write()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        function = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, function=function: (calls.append(name), function(*a)))
    with written_whole(tmp_path / "a.txt", sync=True) as temporary:
        temporary.write_text("new")
    assert calls == ["fsync", "replace"]


def test_what_cannot_be_written_is_one_sentence(tmp_path):
    error = write_error(tmp_path / "a", OSError(28, "No space left on device"), "free some space")
    assert isinstance(error, InputError)
    assert str(error) == f"{tmp_path / 'a'} cannot be written (No space left on device); free some space"
    assert "(odd)" in str(write_error("a", OSError("odd"), "try again"))


# ---- Windows, where a program that has a file open keeps others from replacing it ------------------------------------


@pytest.fixture
def pauses(monkeypatch):
    """The seconds of the pauses that were made."""
    made = []
    monkeypatch.setattr(files.time, "sleep", made.append)
    return made


@pytest.mark.parametrize("code", [5, 32, 33, None])
def test_a_file_that_a_virus_scanner_holds_is_replaced_a_moment_later(tmp_path, pauses, monkeypatch, code):
    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr(os, "replace", refusing_replace(2, code))
    with written_whole(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]
    assert pauses == [files.PAUSE] * 2


def test_a_file_that_stays_open_is_given_up_after_two_seconds(tmp_path, pauses, monkeypatch):
    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr(os, "replace", refusing_replace(1000))

    def write():
        with written_whole(tmp_path / "a.txt") as temporary:
            temporary.write_text("new")

    with pytest.raises(PermissionError) as caught:
        write()
    assert 1.5 < sum(pauses) <= 2
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]
    said = str(write_error("the report", caught.value, "free some space or choose another --out"))
    assert said == f"{tmp_path / 'a.txt'} is open in another program; close it there or choose another --out"
    said = str(write_error("the report", caught.value, "choose another --out"))
    assert said == f"{tmp_path / 'a.txt'} is open in another program; close it there, or choose another --out"


def test_what_another_system_forbids_is_told_at_once(tmp_path, pauses):
    (tmp_path / "a.txt").write_text("old")
    error = PermissionError(13, "Permission denied", "a.txt")

    def act():
        raise error

    with pytest.raises(PermissionError):
        patiently(act)
    assert pauses == []
    said = str(write_error(tmp_path / "a.txt", error, "choose another --out"))
    assert said == f"{tmp_path / 'a.txt'} cannot be written (Permission denied); choose another --out"


def test_another_reason_is_told_at_once_on_windows_too(pauses):
    full = OSError(28, "No space left on device")
    full.winerror = 112

    def act():
        raise full

    with pytest.raises(OSError, match="No space"):
        patiently(act)
    assert pauses == []
    assert "cannot be written (No space left on device); free some" in str(write_error("a", full, "free some space"))


def test_a_folder_without_rights_is_not_taken_for_an_open_file(tmp_path):
    """What Windows says then is the same, but there is no such file."""
    for error in (held(None, "new.txt"), held(5, "new.txt")):
        said = str(write_error(tmp_path / "new.txt", error, "choose another --out"))
        assert said == f"{tmp_path / 'new.txt'} cannot be written (Access is denied); choose another --out"
    said = str(write_error("x", held(5, "a.tmp", None, str(tmp_path)), "choose another --out"))  # a folder of that name
    assert said == f"{tmp_path} cannot be written (Access is denied); choose another --out"


def test_a_temporary_file_that_is_held_is_named_by_the_name_that_it_was_to_get(tmp_path):
    said = str(write_error("x", held(32, "new.txt.tmp", None, str(tmp_path / "new.txt")), "choose another --out"))
    assert said == f"{tmp_path / 'new.txt'} is open in another program; close it there, or choose another --out"


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "", "one", "nan", "inf", "-inf", "1_0", "1e999"])
def test_what_is_no_finite_number_is_the_default(text):
    assert to_float(text) is None
    assert isnan(to_float(text, nan))


def test_numbers():
    assert [to_float(text) for text in ("1", " 2.5 ", "-1e3")] == [1, 2.5, -1000]
