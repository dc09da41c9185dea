"""The page of the committed blood-cell detector measured on the photographs of its test split, where these are."""

import os
import re
from pathlib import Path

import pytest

from benchmarks import browser_map

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "data/bccd.npz"
PLACES = os.environ.get("NUMPYSSD_BCCD", ROOT / "../shared/data/bccd"), ROOT / "data/bccd"
BCCD = next((place for place in map(Path, PLACES) if (place / "JPEGImages").is_dir()), None)


@pytest.mark.skipif(BCCD is None, reason="BCCD is not here; get it with: python -m numpyssd.download bccd")
def test_the_page_has_the_map_of_python(capsys):
    assert browser_map.main(["--weights", str(WEIGHTS), "--data", str(BCCD)]) == 0
    printed = capsys.readouterr().out
    assert float(re.search(r"page: mAP (0\.\d+)", printed)[1]) > 0.85
    assert float(re.search(r"page: ([\d.]+) MB", printed)[1]) <= 4
    assert float(re.search(r"opens in ([\d.]+) s", printed)[1]) < 2
