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
        is_one = count == 1
        shapes = "shape" if is_one else "shapes"
        sentence, effect = f"{count} {shapes} of the type {kind}", "each becomes the upright box around it"
        if kind == "group":
            verb = "object has" if is_one else "objects have"
            sentence, effect = f"{count} {verb} several shapes of one group", "one box is around all of them"
        elif kind in WITHOUT_BOX:
            effect = "it encloses nothing and is passed over" if is_one else "they enclose nothing and are passed over"
        elif kind == IGNORED:
            sentence = f"{count} {shapes} {'has' if is_one else 'have'} the label {kind}"
            effect = "it is passed over" if is_one else "they are passed over"
        if count:
            found.append(Issue(str(base), sentence, effect, is_warning=True))
    return found
