"""What is said once of all files of LabelMe together: which shapes are no boxes, and what was made of them."""

from collections import Counter
from pathlib import Path

from numpyssd.datasets.issues import Issue
from numpyssd.datasets.labelme.names import IGNORED
from numpyssd.datasets.labelme.shapes import WITHOUT_BOX


def shape_warnings(counts: Counter, base: Path) -> list[Issue]:
    """Return a warning for each kind of shape in ``counts`` that is no upright box, and for "group"."""
    found = []
    for kind, count in sorted(counts.items()):
        sentence, effect = f"{count} shapes of the type {kind}", "each becomes the upright box around it"
        if kind == "group":
            sentence, effect = f"{count} objects have several shapes of one group", "one box is around all of them"
        elif kind in WITHOUT_BOX:
            effect = "they enclose nothing and are passed over"
        elif kind == IGNORED:
            sentence, effect = f"{count} shapes have the label {kind}", "they are passed over"
        if count:
            found.append(Issue(str(base), sentence, effect, is_warning=True))
    return found
