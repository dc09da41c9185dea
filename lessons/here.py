"""Let Python find numpyssd, which lies one folder up, wherever a lesson is started from."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
