"""``python -m numpyssd.datasets.shapes`` writes the built-in set, or draws a sheet of it."""

import sys

from numpyssd.datasets.shapes.command import main

if __name__ == "__main__":
    sys.exit(main())
