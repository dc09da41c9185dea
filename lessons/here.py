"""Let Python find numpyssd, which lies one folder up, wherever a lesson is started from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
