"""numpyssd.shell: what it writes arrives as it was, in sh and, by their documented rules, in cmd and PowerShell."""

import ntpath
import shlex
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpyssd import shell


@pytest.fixture
def windows(monkeypatch):
    """Let the module take this system for Windows, with the current folder C:\\work."""

    def relpath(path, start=None):
        return ntpath.relpath(path, start or r"C:\work")

    names = {name: getattr(ntpath, name) for name in ("normcase", "dirname", "basename", "splitext")}
    monkeypatch.setattr(
        shell, "os", SimpleNamespace(name="nt", pardir="..", path=SimpleNamespace(relpath=relpath, **names))
    )
    monkeypatch.setattr(shell.shutil, "which", lambda name: None)


def executable(monkeypatch, path, on_the_path=None):
    monkeypatch.setattr(sys, "executable", path)
    monkeypatch.setattr(shell.shutil, "which", lambda name: on_the_path)


# ---- Python --------------------------------------------------------------------------------------------------------


def test_python_is_named_so_that_it_can_be_typed_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    inside = tmp_path / ".venv" / "bin" / "python"
    executable(monkeypatch, str(inside), "/somewhere/else/python")
    assert shell.python() == shell.quote(inside.relative_to(tmp_path))
    executable(monkeypatch, str(inside), str(inside))  # the environment is activated
    assert shell.python() == "python"


@pytest.mark.skipif(sys.platform == "win32", reason="these are paths of other systems")
def test_python_of_another_folder_is_named_by_its_whole_path(monkeypatch):
    executable(monkeypatch, "/a folder/python")
    assert shell.python() == "'/a folder/python'"


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("path", "on_the_path", "typed"),
    [
        (r"C:\work\.venv\Scripts\python.exe", r"C:\Python311\python.exe", r".venv\Scripts\python.exe"),
        (r"C:\work\.venv\Scripts\python.exe", r"c:\WORK\.venv\scripts\python.EXE", "python"),
        (r"C:\Python311\python.exe", None, r"C:\Python311\python.exe"),
        (r"D:\Python311\python.exe", None, r"D:\Python311\python.exe"),  # another drive: no relative path leads there
        (r"\\server\share\python.exe", None, r"\\server\share\python.exe"),
        (r"C:\Users\Ann Lee\python.exe", None, r'"C:\Users\Ann Lee\python.exe"'),
    ],
)
def test_python_on_windows(monkeypatch, path, on_the_path, typed):
    executable(monkeypatch, path, on_the_path)
    assert shell.python() == typed


# ---- the commands of the package -----------------------------------------------------------------------------------


def test_a_command_is_started_in_the_way_that_started_this_one(monkeypatch):
    executable(monkeypatch, "/opt/bin/python", "/opt/bin/python")
    monkeypatch.setattr(sys, "argv", ["/here/numpyssd/train.py"])
    assert shell.start("detect") == "python -m numpyssd.detect"
    monkeypatch.setattr(sys, "argv", ["/opt/bin/numpyssd"])
    assert shell.start("detect") == "numpyssd detect"
    monkeypatch.setattr(sys, "argv", ["/elsewhere/bin/numpyssd"])  # which typing its name would not start
    assert shell.start("detect") == "python -m numpyssd.detect"


@pytest.mark.usefixtures("windows")
def test_a_command_is_started_in_the_same_way_on_windows(monkeypatch):
    scripts = r"C:\Python311\Scripts"
    executable(monkeypatch, r"C:\Python311\python.exe", rf"{scripts}\numpyssd.EXE")
    for name in ("numpyssd", "numpyssd.exe"):
        monkeypatch.setattr(sys, "argv", [rf"{scripts}\{name}"])
        assert shell.start("detect") == "numpyssd detect"
    monkeypatch.setattr(shell.shutil, "which", lambda name: None)
    assert shell.start("detect") == r"C:\Python311\python.exe -m numpyssd.detect"


def test_other_modules_keep_the_name_by_which_python_finds_them(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/numpyssd.exe"])
    assert shell.as_started("python -m numpyssd.train --tiny") == "numpyssd train --tiny"
    assert shell.as_started("look with python -m numpyssd.explore; wait") == "look with numpyssd explore; wait"
    module = "python -m numpyssd.datasets.shapes --out x"
    assert shell.as_started(module) == module
    monkeypatch.setattr(sys, "argv", ["/somewhere/numpyssd/train.py"])
    assert shell.as_started("python -m numpyssd.train --tiny") == "python -m numpyssd.train --tiny"


# ---- quoting -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="for sh")
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_sh_gets_what_was_meant(text):
    assert shlex.split(shell.quote(text)) == [text]


def words_on_windows(line):
    """Return the words of a command line by the rules of Microsoft's C runtime ("Parsing C command-line arguments")."""
    words, word, quoted, slashes, started = [], "", False, 0, False
    for letter in line + " ":
        if letter == "\\":
            slashes, started = slashes + 1, True
            continue
        if letter == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            slashes, started = 0, True
            continue
        word, slashes = word + "\\" * slashes, 0
        if letter in " \t" and not quoted:
            if started:
                words.append(word)
            word, started = "", False
        else:
            word, started = word + letter, True
    assert not quoted
    return words


def test_the_rules_are_those_of_the_documentation():
    assert words_on_windows(r'"a b c" d e') == ["a b c", "d", "e"]
    assert words_on_windows(r'"ab\"c" "\\" d') == ['ab"c', "\\", "d"]
    assert words_on_windows(r"a\\\b d" + '"e f"g h') == [r"a\\\b", "de fg", "h"]
    assert words_on_windows(r"a\\\"b c d") == [r"a\"b", "c", "d"]
    assert words_on_windows(r"a\\\\" + '"b c" d e') == [r"a\\b c", "d", "e"]


SPECIAL = set(" \t&|<>^()%!,;=@#$`'\"{}[]*?~+")  # to cmd or to PowerShell, outside quotes


@pytest.mark.usefixtures("windows")
def test_windows_gets_what_was_meant(monkeypatch):
    names = st.text(st.characters(exclude_characters='\0\n\r"', exclude_categories=["Cs"]), min_size=1)  # no name has "

    @given(st.one_of(names, names.map(lambda name: rf"C:\{name}\\"), st.text("ab \\&,(é", min_size=1)))
    def check(text):
        written = shell.quote(text)
        assert words_on_windows(written) == [text]
        if not written.startswith('"'):
            assert not SPECIAL & set(written)

    check()


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("text", "typed"),
    [
        (r"runs\bccd\best.npz", r"runs\bccd\best.npz"),
        (r"D:\été\photo-1.jpg", r"D:\été\photo-1.jpg"),
        ("my data", '"my data"'),
        (r"data\bccd (1)", r'"data\bccd (1)"'),
        ("VOC2007,VOC2012", '"VOC2007,VOC2012"'),
        ("R&D", '"R&D"'),
        ("C:\\my data\\", '"C:\\my data\\\\"'),
        ("it's", '"it\'s"'),
        ("", '""'),
    ],
)
def test_what_is_typed_on_windows(text, typed):
    assert shell.quote(text) == typed
