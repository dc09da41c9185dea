"""console: what names of classes and files hold never reaches the terminal as an order."""

import io
import json
import sys

import pytest
from tqdm import tqdm

from numpyssd.console import SafeStream, counted, make_output_safe, printable
from numpyssd.errors import InputError

ORDERS = ("\x1b[31mred", "\x1b]0;owned\x07", "a\x08b", "\x9b31m", "\x85", "\x7f", "\0", "\u202egnp.exe", "\u2067x",
          "\u2028", "a\rb", "half \ud83d")  # fmt: skip
LETTERS = ("naïve", "安全帽", "กล้วย", "🙂", "كرة", "a\u200db", "e\u0301", "\ufeff", "\u00a0")


@pytest.fixture
def stream():
    return SafeStream(io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline=""))


def written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


@pytest.mark.parametrize("name", ORDERS)
def test_orders_to_the_terminal_are_written_as_escapes(stream, name):
    print("a name:", name, file=stream)
    text = written(stream)
    assert text.startswith("a name: ")
    assert text.isprintable() or text.removesuffix("\n").isprintable()
    assert "\\u" in text
    assert printable(name) in text


@pytest.mark.parametrize("name", LETTERS)
def test_letters_of_all_scripts_stay_as_they_are(stream, name):
    print(name, end="\r\n", file=stream)
    assert written(stream) == f"{name}\r\n"
    assert printable(name) == name


def test_a_name_is_one_line():
    assert printable("a\tb\nc\r") == r"a\u0009b\u000ac\u000d"
    assert str(InputError("a\nb\x1b[2J.npz")) == r"a\u000ab\u001b[2J.npz"


def test_a_line_of_json_stays_one(stream):
    label = "\x7f\x1b\u202e\ud83d安"
    for letters_kept in (False, True):
        print(json.dumps({"label": label}, ensure_ascii=not letters_kept), file=stream)
    lines = written(stream).splitlines()
    assert len(lines) == 2
    assert all(json.loads(line) == {"label": label} for line in lines)


def test_a_progress_bar_moves_and_its_text_is_safe(stream):
    for _ in tqdm(range(2), desc="\x1b[31mred", file=stream, leave=False, mininterval=0):
        pass
    assert written(stream).startswith("\r\\u001b[31mred: ")
    assert "\x1b" not in written(stream)


def test_the_streams_are_made_safe_once(monkeypatch):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="") for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    make_output_safe()
    make_output_safe()
    print("→ \x1b")
    print("→ \x1b", file=sys.stderr)
    sys.stdout.writelines(["\x1b", "x"])
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        assert isinstance(stream, SafeStream)
        assert stream.encoding == "cp1252"
    assert streams[0].buffer.getvalue() == b"\\u2192 \\u001b\n\\u001bx"
    assert streams[1].buffer.getvalue() == b"\\u2192 \\u001b\n"


def test_numbers_of_things():
    assert [counted(n, "image") for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]
