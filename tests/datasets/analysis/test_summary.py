import numpy as np
import pytest
from matplotlib.figure import Figure

from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.datasets.analysis.summary import draw_summary, summarize
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.shapes import ShapesDataset


class Data:
    """``counts[k]`` objects of class k, all of one size, one image each; then images without objects."""

    def __init__(self, counts, names=None, side=100, empty=0, issues=()):
        self.rows = [k + 1 for k, count in enumerate(counts) for _ in range(count)] + [0] * empty
        self.class_names = names or tuple(f"class{k}" for k in range(len(counts)))
        self.side, self.issues = side, list(issues)

    def __len__(self):
        return len(self.rows)

    def image_size(self, i):
        return 300, 300

    def annotation(self, i):
        count = int(self.rows[i] > 0)
        box = np.float32([[150 - self.side / 2, 150 - self.side / 2, 150 + self.side / 2, 150 + self.side / 2]])
        return Annotation.of(box[:count], [self.rows[i]][:count])


def fits(text):
    lines = text.split("\n")
    assert len(lines) <= 24
    assert max(len(line) for line in lines) <= 100
    return lines


def test_what_it_says():
    lines = fits(summarize(Data([3, 1], ("cat", "dog"), empty=2), SSD300))
    assert lines[0] == "6 images, 2 without objects; 4 objects of 2 classes, 0 difficult"
    assert "300 x 300 px: 100 smallest, 100 median, 100 largest" in lines[1]
    assert lines[2].split() == ["class", "objects", "percent", "median", "covered"]
    assert lines[3].split() == ["cat", "3", "75", "%", "100", "100", "%"]
    assert lines[4].split() == ["dog", "1", "25", "%", "100", "100", "%"]
    assert {len(line) for line in lines[2:5]} == {len(lines[2])}  # aligned
    assert "ssd300 cover 100 % of the objects" in lines[5]
    # A square of 100 px around the middle: the third map has no cell center there, but squares of 111 near by.
    assert "none 0 %" in lines[6]
    assert lines[7:] == ["issues: none found"]


def test_counts_agree_with_the_built_in_set():
    data = ShapesDataset(60)
    lines = fits(summarize(data, TINY))
    labels = np.concatenate([data[i][2] for i in range(60)])
    for k, name in enumerate(data.class_names):
        row = next(line.split() for line in lines if line.startswith(name))
        assert int(row[1]) == (labels == k + 1).sum()
    assert f"{len(labels)} objects of 5 classes" in lines[0]


def test_small_objects_are_warned_about():
    text = summarize(Data([5], ("cell",), side=10), SSD300)
    fits(text)
    assert "warning: only 0 % of all objects covered; most of the rest are under 30 px" in text
    assert "train with a larger image" in " ".join(text.split())


def test_the_first_map_counts_too():
    lines = fits(summarize(Data([2], ("cell",), side=30), SSD300))
    assert lines[3].split()[-2:] == ["100", "%"]
    assert "conv4_3 100 %, conv7 0 %" in lines[5]


def test_a_class_without_objects_and_a_set_without_any():
    text = summarize(Data([2, 0], ("cat", "dog")), SSD300)
    assert any(line.split() == ["dog", "0", "0", "%", "-", "-"] for line in fits(text))
    assert fits(summarize(Data([0], empty=3), SSD300)) == [
        "3 images, 3 without objects; 0 objects of 1 class, 0 difficult",
        "issues: none found",
    ]
    assert len(fits(summarize(Data([0]), SSD300))) == 2


@pytest.mark.parametrize("classes", [1, 5, 6, 20, 80])
@pytest.mark.parametrize("issues", [0, 1, 10, 11, 500])
@pytest.mark.parametrize("side", [10, 100])
def test_it_fits_one_screen_whatever_the_set(classes, issues, side):
    found = [Issue("/a/folder/x.xml", "s" * (200 if k == 0 else 20), "", k, (1, 2, 1, 2)) for k in range(issues)]
    names = tuple(f"a rather long name number {k}" for k in range(classes))
    text = summarize(Data([1 + k % 3 for k in range(classes)], names, side, issues=found), SSD512)
    lines = fits(text)
    assert f"issues: {issues or 'none found'}" in text
    shown = [line for line in lines if line.startswith("  x.xml, object")]
    assert len(shown) >= min(issues, 3)
    if classes <= 5 and side == 100:  # nothing to warn about
        assert len(shown) == min(issues, 10)
    if len(shown) < issues:
        assert lines[-1] == f"  … and {issues - len(shown)} more"
    assert ("… and 62 rarer classes" in text) == (classes == 80)
    assert text.count("a rather long") >= min(classes, 18)


def test_of_very_many_classes_the_commonest_are_shown():
    text = summarize(Data([1] * 15 + [3] + [1] * 15), SSD300)
    assert "class15 " in text
    assert "class30 " not in text  # as many objects as the others, but the highest index


def test_figure():
    data = ShapesDataset(30)
    axes = Figure().subplots(1, 2)
    draw_summary(axes, data, TINY)
    points = {line.get_label(): len(line.get_xdata()) for line in axes[0].lines}
    labels = np.concatenate([data[i][2] for i in range(30)])
    assert [points[name] for name in data.class_names] == [(labels == k).sum() for k in range(1, 6)]
    heights = [bar.get_height() for bar in axes[1].patches]
    assert len(heights) == len(TINY.feature_maps) + 1
    assert sum(heights) == pytest.approx(100)
    assert points["not covered"] == round(heights[-1] * len(labels) / 100)
    axes[0].figure.canvas.draw()


def test_figure_of_nothing():
    axes = Figure().subplots(1, 2)
    draw_summary(axes, Data([0], empty=2), TINY)
    assert sum(bar.get_height() for bar in axes[1].patches) == 0
