"""Notes about images that a command was given: read in part, or darker than they were meant."""

import sys
from collections import defaultdict
from pathlib import Path

from numpyssd.datasets.image_notes import in_one_issue_each
from numpyssd.images.notes import image_notes


def print_notes(paths: list[Path]):
    """Write a line for each sort of odd image to standard error: the first one, and how many are like it."""
    found = defaultdict(list)
    for path in paths:
        for sentence in image_notes(path).sentences:
            found[sentence].append(path)
    for issue in in_one_issue_each(found):
        print(f"note: {issue}", file=sys.stderr, flush=True)
