"""benchmarks.half_precision: the same detector in half the bytes."""

from dataclasses import replace

import numpy as np

from benchmarks.half_precision import write_half
from numpyssd import weights
from numpyssd.config import TINY
from numpyssd.model.ssd import SSD


def test_the_file_has_the_same_weights_rounded_and_all_that_detecting_needs(tmp_path):
    model = SSD(replace(TINY, width=0.25), seed=1)
    model.class_names, model.score_thresholds = ("a", "b", "c", "d", "é"), [0.1, 0.2, 0.3, 0.4, 0.5]
    weights.save(model, tmp_path / "best.npz")
    write_half(tmp_path / "best.npz", tmp_path / "half.npz")
    again = weights.load_model(tmp_path / "half.npz")
    assert (again.class_names, list(again.score_thresholds)) == (model.class_names, model.score_thresholds)
    for name, parameter in model.parameters().items():
        found = again.parameters()[name].value
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, parameter.value.astype(np.float16).astype(np.float32))
    assert (tmp_path / "half.npz").stat().st_size < 0.6 * (tmp_path / "best.npz").stat().st_size


def test_parts_can_be_left_out(tmp_path):
    weights.save(SSD(replace(TINY, width=0.25)), tmp_path / "best.npz")
    write_half(tmp_path / "best.npz", tmp_path / "half.npz", ("loc.", "conf."), class_names=None)
    with np.load(tmp_path / "half.npz") as file:
        names = set(file)
    assert "conv1_1.weight" in names
    assert not any(name.startswith(("loc.", "conf.")) for name in names)
