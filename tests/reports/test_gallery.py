"""The sheet of detections for the README."""

import pytest
from matplotlib.patches import Rectangle

from numpyssd.cli import gallery as gallery_command
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.reports import gallery
from numpyssd.run.recipes import PRESETS
from numpyssd.ssd import SSDDetector
from numpyssd.weights import save


def test_each_object_and_each_detection_over_the_threshold_is_drawn(monkeypatch):
    dataset = ShapesDataset(2, 64, split="test")
    truth = [(dataset[i][1], dataset[i][2], dataset[i][2] * 0 + (0.9, 0.3)[i]) for i in range(2)]
    detector = SSDDetector(SSD(PRESETS["tiny"]))
    detector.model.class_names = CLASS_NAMES
    monkeypatch.setattr(detector, "detect", lambda images: iter(truth))
    _, axes = new_figure(1, 2)
    gallery.draw_gallery(axes, detector, [dataset[i] for i in range(2)])
    for ax, boxes, shown in zip(axes, (dataset[0][1], dataset[1][1]), (True, False)):
        patches = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        assert len(patches) == len(boxes) * (2 if shown else 1)
        assert len(ax.texts) == (len(boxes) if shown else 0)


def test_weights_of_other_classes_are_refused(tmp_path):
    save(SSD(PRESETS["tiny"]), tmp_path / "other.npz", class_names=("a", "b", "c", "d", "e"))
    with pytest.raises(InputError, match="other classes"):
        gallery_command.main(["--weights", str(tmp_path / "other.npz"), "--out", str(tmp_path / "sheet.png")])


def test_the_sheet_is_written(tmp_path):
    save(SSD(PRESETS["tiny"]), tmp_path / "tiny.npz", class_names=CLASS_NAMES)
    assert gallery_command.main(["--weights", str(tmp_path / "tiny.npz"), "--out", str(tmp_path / "sheet.png")]) == 0
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
