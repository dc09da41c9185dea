"""numpyssd.files: whole or not at all, one sentence for what cannot be written, and numbers out of texts."""

import os
from math import isnan, nan

import pytest

from numpyssd.errors import InputError
from numpyssd.files import to_float, write_error, written_whole


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


@pytest.mark.parametrize("text", [None, "", "one", "nan", "inf", "-inf", "1_0", "1e999"])
def test_what_is_no_finite_number_is_the_default(text):
    assert to_float(text) is None
    assert isnan(to_float(text, nan))


def test_numbers():
    assert [to_float(text) for text in ("1", " 2.5 ", "-1e3")] == [1, 2.5, -1000]
