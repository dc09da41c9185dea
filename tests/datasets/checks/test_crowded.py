"""datasets/checks/crowded.py: more objects in an image than are detected are said, wherever somebody looks at data."""

import numpy as np
import pytest
from voc_root import Root

from numpyssd import evaluate, explore
from numpyssd.config import TINY
from numpyssd.datasets.analysis.summary import summarize
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.checks.crowded import crowded_note
from numpyssd.datasets.dataset import Annotation


def images_of(*counts):
    """Return a data set with so many objects in its images."""
    image = np.zeros((100, 100, 3), np.uint8)
    annotations = [Annotation.of([[i % 90, i % 80, i % 90 + 9, i % 80 + 9] for i in range(n)], [1] * n) for n in counts]
    return AnnotatedImages(["seed"], [image] * len(counts), annotations)


@pytest.mark.parametrize(
    ("counts", "allowed", "note"),
    [
        ((200, 3), None, None),
        ((3, 201), None, "up to 201 objects in a picture; at most 200 are detected: give --max-detections 201"),
        ((400,), None, "up to 400 objects in a picture; at most 200 are detected: give --max-detections 400"),
        ((400,), 400, None),
        ((400,), 399, "up to 400 objects in a picture; at most 399 are detected: give --max-detections 400"),
        ((5,), 4, "up to 5 objects in a picture; at most 4 are detected: give --max-detections 5"),
        ((), None, None),
    ],
)
def test_the_note(counts, allowed, note):
    assert crowded_note(images_of(*counts), allowed) == (note and f"{note} to evaluate and detect")


def test_it_is_in_the_summary():
    assert "400 objects in a picture; at most 200 are detected" in summarize(images_of(400), TINY)
    assert "at most 200" not in summarize(images_of(200), TINY)


def test_check_and_evaluate_say_it(tmp_path, capsys):
    root = Root(tmp_path / "seeds")
    boxes = [("seed", (1 + 14 * x, 1 + 14 * y, 10 + 14 * x, 10 + 14 * y)) for x in range(20) for y in range(20)]
    root.add("one", boxes, split="test", size=(300, 300))
    assert explore.main(["--data", str(root.path), "--check", "--out", str(tmp_path / "out")]) == 0
    assert "up to 400 objects in a picture; at most 200 are detected" in capsys.readouterr().out
    arguments = ["--weights", "tiny", "--data", str(root.path), "--class-names", "seed,b,c,d,e", "--bootstrap", "0"]
    evaluate.main(arguments)
    assert "note: up to 400 objects in a picture; at most 200 are detected" in capsys.readouterr().err
    evaluate.main([*arguments, "--max-detections", "400"])
    assert "at most" not in capsys.readouterr().err
