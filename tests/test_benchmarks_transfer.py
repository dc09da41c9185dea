"""benchmarks.transfer and benchmarks.cells_picture: what they count, and what they leave."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import cells_picture, transfer
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.weights import load_model

RESULTS = Path(transfer.__file__).parent / "results/transfer.json"


def test_boxes_are_counted_as_in_the_evaluation():
    right = np.array([True, False, True])
    assert cells_picture.counts(right, objects=5) == (2, 1, 3)
    assert cells_picture.f1(2, 1, 3) == pytest.approx(2 * 2 / (2 * 2 + 1 + 3))
    assert cells_picture.f1(0, 0, 0) == 0


def test_what_is_found_is_what_is_shown_and_right_boxes_are_known():
    model, data = load_model("tiny"), ShapesDataset(1, split="val")
    boxes, names, scores, right, objects = found = cells_picture.found_in(model, data[0])
    assert len(boxes) == len(names) == len(scores) == len(right)
    assert objects == len(data[0].boxes)
    assert (scores > 0.2).all()
    _, ax = new_figure()
    cells_picture.draw_photograph(ax, data[0], found)
    assert len(ax.patches) >= len(boxes) + objects


def test_a_picture_is_kept_small(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    size = (tmp_path / "noise.png").stat().st_size
    assert cells_picture.keep_small(tmp_path / "noise.png") < size / 2


def test_the_table_has_a_row_for_each_start():
    results = {"images": 20, "measure": [1, 2], "runs": {"fine-tuned": {"mAP": {"1": 0.25, "2": 0.5}}}}
    lines = transfer.markdown(results).splitlines()
    assert lines[0] == "| 20 photographs, mAP after | 1 | 2 iterations |"
    assert lines[2] == "| fine-tuned | 0.250 | 0.500 |"


def test_the_results_are_those_of_the_starts_and_their_table_is_up_to_date():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert list(results["runs"]) == list(transfer.STARTS)
    for run in results["runs"].values():
        assert len(run["losses"]) == results["iterations"]
        assert [int(n) for n in run["mAP"]] == results["measure"]
    assert RESULTS.with_suffix(".md").read_text(encoding="utf-8") == transfer.markdown(results) + "\n"
