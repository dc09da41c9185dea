"""The page of other people's troubles names tests; they exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "lessons" / "troubles.md").read_text(encoding="utf-8")


def test_every_trouble_has_its_line_and_its_test():
    rows = re.findall(r"^\| (\d+) \|.*\|$", PAGE, re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, 26))
    for row in re.findall(r"^\| \d+ \|.*\|$", PAGE, re.MULTILINE):
        assert re.search(r"`tests/\S+\.py::test_\w+`", row), row


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", PAGE)
    assert len(named) >= 25
    for file, name in named:
        path = ROOT / file
        assert path.is_file(), file
        assert re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE), f"{file}::{name}"
