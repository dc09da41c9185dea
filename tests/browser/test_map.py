"""The page of the committed blood-cell detector measured on the photographs of its test split, where these are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "data/bccd.npz"
PLACES = os.environ.get("NUMPYSSD_BCCD", ROOT / "../shared/data/bccd"), ROOT / "data/bccd"
BCCD = next((place for place in map(Path, PLACES) if (place / "JPEGImages").is_dir()), None)


@pytest.mark.skipif(BCCD is None, reason="BCCD is not here; get it with: python -m numpyssd.download bccd")
def test_the_page_has_the_map_of_python():
    # In a process of its own, as Playwright allows one browser driver in each.
    command = [sys.executable, "-m", "benchmarks.browser_map", "--weights", WEIGHTS, "--data", BCCD]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    assert float(re.search(r"page: mAP (0\.\d+)", done.stdout)[1]) > 0.85
    assert float(re.search(r"page: ([\d.]+) MB", done.stdout)[1]) <= 4
    assert float(re.search(r"opens in ([\d.]+) s", done.stdout)[1]) < 2
