"""numpyssd.pictures.default_box_rules: the table has the known numbers, and the figure a panel for each rule."""

import numpy as np
import pytest

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY
from numpyssd.drawing import new_figure
from numpyssd.model.default_boxes import default_boxes
from numpyssd.pictures.default_box_differences import difference, difference_table, row_iou, rules
from numpyssd.pictures.default_box_rules import draw_rules, main


@pytest.mark.parametrize(
    ("config", "rule", "moved", "center", "least"),
    [
        # All from an independent script over the rules of each project.
        (SSD300, "centers by cell", 8692, 19.0, 0.46),
        (SSD300, "clip cxcywh", 134, 4.0, 0.80),
        (SSD300, "as amdegroot", 134, 4.0, 0.80),
        (SSD300_COCO, "as amdegroot", 116, 4.0, None),
        (SSD300_COCO, "as torchvision", 2, 0.0, None),
        (SSD300, "fractions of pixels", 0, 0.0, 1.0),
        (SSD512, "fractions of pixels", 24552, 0.0, 0.954),
        (SSD512_COCO, "fractions of pixels", 24564, 0.0, 0.954),
        (SSD512, "centers by cell", 0, 0.0, 1.0),
    ],
)
def test_known_figures(config, rule, moved, center, least):
    d = difference(config, rules(config)[rule])
    assert d.moved.sum() == moved
    assert d.center.max() == pytest.approx(center, abs=1e-4)
    if least is not None:
        assert d.iou.min() == pytest.approx(least, abs=5e-3 if least < 0.9 else 6e-4)


def test_row_iou_is_the_diagonal_of_all_with_all():
    boxes = default_boxes(TINY).astype(np.float64)
    others = np.roll(boxes, 3, axis=0)
    np.testing.assert_allclose(row_iou(boxes, others), np.diag(iou(*map(cxcywh_to_xyxy, (boxes, others)))), atol=1e-12)


def test_the_table_has_a_line_for_each_rule():
    lines = difference_table(SSD300).splitlines()
    assert len(lines) == 1 + len(rules(SSD300)) + 1
    cell = next(line for line in lines if line.startswith("centers by cell"))
    assert cell.split()[3:] == ["8692", "19.0", "0.0", "0.802", "0.464"]
    assert "8732 default boxes of ssd300" in lines[-1]


def test_figure():
    _, axes = new_figure(2, 4)
    draw_rules(axes[:7], np.zeros((64, 64, 3), np.uint8), TINY)
    assert [len(ax.patches) for ax in axes] == [3] * 6 + [0] * 2  # the edge of the image and two boxes
    assert len(axes[6].texts) == len(rules(TINY)) * len(TINY.feature_maps)
    assert "nothing changes" in axes[1].get_title()
    assert "288 boxes change" in axes[0].get_title()


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def gray(size):
        return np.full((size, size, 3), 99, np.uint8)

    main(gray, ["--compare", "--preset", "tiny"])
    assert difference_table(TINY) in capsys.readouterr().out
    main(gray, ["--preset", "tiny", "--out", "tiny.png"])
    assert "rule" not in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["default_box_rules.png", "tiny.png"]
    with pytest.raises(SystemExit) as stop:
        main(gray, ["--preset", "tiny", "--out", "tiny.png/x.png"])
    assert stop.value.code == 2
    assert "--out" in capsys.readouterr().err
