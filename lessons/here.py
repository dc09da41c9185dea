"""Let Python find numpyssd, which lies one folder up, and let a lesson print where the output knows few letters."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from numpyssd.console import make_output_safe

make_output_safe()
