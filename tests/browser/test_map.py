"""The page of the committed blood-cell detector measured on the photographs of its test split, where these are."""

import re
from pathlib import Path

import pytest

from benchmarks import browser_map

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.mark.skipif(
    not (DATA / "bccd" / "JPEGImages").is_dir() or not (DATA / "bccd.npz").is_file(),
    reason="BCCD is not here: python -m numpyssd.download bccd",
)
def test_the_page_has_the_map_of_python(capsys):
    assert browser_map.main(["--weights", str(DATA / "bccd.npz"), "--data", str(DATA / "bccd")]) == 0
    printed = capsys.readouterr().out
    assert float(re.search(r"page: mAP (0\.\d+)", printed)[1]) > 0.85
    assert float(re.search(r"page: ([\d.]+) MB", printed)[1]) <= 4
    assert float(re.search(r"opens in ([\d.]+) s", printed)[1]) < 2
