from math import hypot

import numpy as np
import pytest

from numpyssd.datasets import scene
from numpyssd.datasets.outlines import CLASS_NAMES, Outline, contains
from numpyssd.datasets.scene import Cover, direction, log_uniform, place, plan_scene

SCENES = [plan_scene(np.random.RandomState([5, i])) for i in range(250)]
OBJECTS = [item for objects in SCENES for item in objects]


def mask(outline, size=120, margin=0.5):
    """Which points of a grid over the image and a margin lie inside, by the definition."""
    line = (np.arange(int(size * (1 + 2 * margin))) + 0.5) / size - margin
    x, y = np.meshgrid(line - outline.x, line - outline.y)
    u, v = x * outline.cos + y * outline.sin, y * outline.cos - x * outline.sin
    return contains(outline.name, u / outline.along, v / outline.across)


def test_number_of_objects_and_classes():
    counts = np.bincount([len(objects) for objects in SCENES], minlength=6)
    assert counts[0] == 0
    assert (counts[1:6] > 20).all()
    assert counts.sum() == counts[1:6].sum()
    assert (np.bincount([item.label for item in OBJECTS], minlength=6)[1:] > 80).all()
    assert all(CLASS_NAMES[item.label - 1] == item.outline.name for item in OBJECTS)


def test_sides_are_log_uniform_from_a_tenth_to_nine_tenths():
    boxes = np.array([item.outline.box() for item in OBJECTS])
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    assert sides.min() >= 0.1 - 1e-9
    assert sides.max() <= 0.9
    # Each third of the logarithmic scale holds about a third; overlaps cost the middle a little.
    share = np.histogram(sides, [0.1, 0.1 * 9 ** (1 / 3), 0.1 * 9 ** (2 / 3), 0.9])[0] / len(sides)
    assert (share > 0.24).all()


def test_nobody_is_hidden_or_cut_off_too_much():
    difficult = 0
    for objects in SCENES[:80]:
        image = np.zeros((240, 240), bool)
        image[60:180, 60:180] = True
        masks = [mask(item.outline) for item in objects]
        for k, item in enumerate(objects):
            above = np.any(masks[k + 1 :], axis=0) if k + 1 < len(masks) else np.zeros_like(image)
            area, inside, seen = (m.sum() for m in (masks[k], masks[k] & image, masks[k] & image & ~above))
            tolerance = 0.02 + 4 / np.sqrt(area)  # of a grid on a small object
            assert inside / area >= 0.7 - tolerance
            assert seen / inside >= 0.6 - tolerance
            assert item.seen == pytest.approx(seen / area, abs=2 * tolerance)
            box = item.outline.box()
            assert item.truncated == (min(box) < 0 or max(box) > 1)
            difficult += item.seen < 0.62
    assert difficult > 0  # the rule is reached


def test_boxes_do_not_nearly_coincide():
    for objects in SCENES:
        boxes = [item.outline.box() for item in objects]
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
                height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
                areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
                assert width * height / (sum(areas) - width * height) <= 0.45 + 1e-9


def test_some_objects_overlap_and_some_are_cut_by_the_edge():
    assert 0.03 < np.mean([item.truncated for item in OBJECTS]) < 0.3
    assert 0.05 < np.mean([item.seen < 0.9 for item in OBJECTS]) < 0.5


def test_a_cover_counts_all_that_lie_above_together():
    cover = Cover()
    assert cover.add(Outline("rectangle", 0.5, 0.5, 0.4, 0.4, 1.0, 0.0))
    # Each hides a quarter of it: the first is allowed, the second would make a half.
    assert cover.add(Outline("rectangle", 0.3, 0.3, 0.2, 0.2, 1.0, 0.0))
    assert not cover.add(Outline("rectangle", 0.7, 0.7, 0.2, 0.2, 1.0, 0.0))
    assert cover.seen(0) == pytest.approx(0.75, abs=0.03)
    assert cover.seen(1) == pytest.approx(1, abs=0.05)
    assert len(cover.outlines) == 2
    # One that sticks out by half, and one that lies outside.
    assert not cover.add(Outline("ellipse", 1.0, 0.5, 0.1, 0.1, 1.0, 0.0))
    assert not cover.add(Outline("ellipse", 3.0, 0.5, 0.1, 0.1, 1.0, 0.0))


def test_place_refuses_what_breaks_the_rules():
    small = Outline("ring", 0.5, 0.5, 0.1, 0.1, 1.0, 0.0)
    with pytest.raises(ValueError, match="rules"):
        place((small, small))


def test_log_uniform():
    random = np.random.RandomState(0)
    values = np.array([log_uniform(random, 0.1, 0.9) for _ in range(4000)])
    assert 0.1 <= values.min() < 0.101
    assert 0.89 < values.max() < 0.9
    logs = np.log(values / 0.1) / np.log(9)
    assert np.histogram(logs, 10, (0, 1))[0] == pytest.approx(np.full(10, 400), abs=80)


def test_direction_is_even():
    random = np.random.RandomState(0)
    pairs = [direction(random) for _ in range(4000)]
    assert all(hypot(*pair) == pytest.approx(1) for pair in pairs)
    angles = np.arctan2(*np.array(pairs).T)
    assert np.histogram(angles, 8, (-np.pi, np.pi))[0] == pytest.approx(np.full(8, 500), abs=100)


def test_the_scene_uses_no_other_random_source():
    """Same seed, same scene, whatever NumPy's global state is."""
    np.random.seed(1)  # noqa: NPY002
    first = plan_scene(np.random.RandomState([5, 3]))
    assert first == SCENES[3]
    assert scene.MOST_HIDDEN == 0.4
