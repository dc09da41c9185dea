"""What stands in data/ for everybody to use."""

import os
from pathlib import Path

import numpy as np
import pytest

from numpyssd.datasets.voc import VOCDataset
from numpyssd.inference.evaluate import evaluate
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]
BLOOD_CELLS = ROOT / "data/bccd.npz"
BCCD = Path(os.environ.get("NUMPYSSD_BCCD", ROOT / "../shared/data/bccd"))


def test_the_detector_of_blood_cells_is_small_and_whole():
    assert BLOOD_CELLS.stat().st_size < 3_000_000
    model = load_model(BLOOD_CELLS)
    assert (model.config.name, model.class_names) == ("compact", ("Platelets", "RBC", "WBC"))
    assert len(model.score_thresholds) == 3
    assert all(0 < score < 1 for score in model.score_thresholds)
    assert all(np.isfinite(parameter.value).all() for parameter in model.parameters().values())


@pytest.mark.skipif(not (BCCD / "Annotations").is_dir(), reason=f"{BCCD} is absent; set NUMPYSSD_BCCD")
def test_it_finds_blood_cells_in_photographs_that_it_was_not_trained_on():
    test = VOCDataset(BCCD, "test", bad_data="skip")
    assert evaluate(SSDDetector(load_model(BLOOD_CELLS)), test, "voc").mean == pytest.approx(0.908, abs=0.003)
