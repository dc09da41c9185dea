from math import hypot

import numpy as np
import pytest

from numpyssd.datasets.shapes import scene
from numpyssd.datasets.shapes.outlines import CLASS_NAMES, Outline, contains
from numpyssd.datasets.shapes.random_numbers import direction, log_uniform, tilt
from numpyssd.datasets.shapes.scene import Cover, place, plan_scene, random_outline

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


def longer_side(outline):
    x1, y1, x2, y2 = outline.box()
    return max(x2 - x1, y2 - y1)


def test_sides_are_the_larger_of_two_log_uniform_draws_from_a_tenth_to_nine_tenths():
    sides = np.array([longer_side(item.outline) for item in OBJECTS])
    assert 0.1 - 1e-9 <= sides.min() < 0.13
    assert 0.85 < sides.max() <= 0.9
    # The fraction below x is the square of that of one draw: 1, 3 and 5 ninths for the thirds of the logarithmic scale.
    # Large objects find no place now and then.
    fraction = np.histogram(sides, [0.1, 0.1 * 9 ** (1 / 3), 0.1 * 9 ** (2 / 3), 0.9])[0] / len(sides)
    assert fraction == pytest.approx(np.array([1, 3, 5]) / 9, abs=0.06)
    # On the plain scale that is about a third each.
    fraction = np.histogram(sides, [0.1, 0.1 + 0.8 / 3, 0.1 + 1.6 / 3, 0.9])[0] / len(sides)
    assert fraction == pytest.approx(np.full(3, 1 / 3), abs=0.07)


def test_the_largest_of_a_scene_is_the_largest_of_all_its_draws():
    """It is laid first and always finds its place, so that its distribution is known: 2 draws for each of n objects."""
    largest = np.sort([max(longer_side(item.outline) for item in objects) for objects in SCENES])
    u = np.log(largest / 0.1) / np.log(9)
    expected = np.mean([u ** (2 * n) for n in range(1, 6)], axis=0)
    # Kolmogorov's distance exceeds 1.63 / sqrt(n) once in a hundred times; single draws would be off by 0.2.
    assert abs(expected - (np.arange(len(u)) + 0.5) / len(u)).max() < 1.63 / np.sqrt(len(u))


def test_objects_are_tilted_by_at_most_thirty_degrees_either_way():
    for item in OBJECTS:
        assert hypot(item.outline.cos, item.outline.sin) == pytest.approx(1)
    angles = np.degrees([np.arctan2(item.outline.sin, item.outline.cos) for item in OBJECTS])
    assert abs(angles).max() <= 30
    assert angles.min() < -29
    assert angles.max() > 29
    for label in range(1, 6):
        mine = angles[[item.label == label for item in OBJECTS]]
        assert abs(mine.mean()) < 5  # no class leans to one side


def test_objects_are_stretched_little_and_small_ones_less():
    sides = np.array([longer_side(item.outline) for item in OBJECTS])
    pairs = [sorted((item.outline.along, item.outline.across)) for item in OBJECTS]
    stretch = np.array([long / short for short, long in pairs])
    assert 1.29 < stretch.max() <= 1.3 + 1e-9
    assert 1.2 < stretch[sides <= 0.2].max() <= 1.25 + 1e-9
    lying = np.mean([item.outline.along > item.outline.across for item in OBJECTS])
    assert 0.4 < lying < 0.6


def test_nobody_is_hidden_or_cut_off_too_much():
    difficult, most_on_others = 0, 0
    for objects in SCENES[:80]:
        image = np.zeros((240, 240), bool)
        image[60:180, 60:180] = True
        masks = [mask(item.outline) for item in objects]
        for k, item in enumerate(objects):
            above = np.any(masks[k + 1 :], axis=0) if k + 1 < len(masks) else np.zeros_like(image)
            area, inside, seen = (m.sum() for m in (masks[k], masks[k] & image, masks[k] & image & ~above))
            tolerance = 0.02 + 4 / np.sqrt(area)  # of a grid on a small object
            assert inside / area >= 0.7 - tolerance
            assert seen / inside >= 0.7 - tolerance
            below = np.any(masks[:k], axis=0) if k else np.zeros_like(image)
            on_others = (masks[k] & image & below).sum() / inside
            assert on_others <= 0.35 + tolerance
            most_on_others = max(most_on_others, on_others)
            assert item.seen == pytest.approx(seen / area, abs=2 * tolerance)
            box = item.outline.box()
            assert item.truncated == (min(box) < 0 or max(box) > 1)
            difficult += item.seen < 0.62
    assert difficult > 0  # the rules are reached
    assert most_on_others > 0.3


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


def rectangle(x1, x2, y1=16, y2=48):
    """A rectangle with its corners on those of the 64 x 64 cells that a Cover counts."""
    return Outline("rectangle", (x1 + x2) / 128, (y1 + y2) / 128, (x2 - x1) / 128, (y2 - y1) / 128, 1.0, 0.0)


def test_a_cover_counts_all_that_lie_above_together():
    cover = Cover()
    assert cover.add(rectangle(16, 48))
    # Each hides 6 of its 32 columns: the first is allowed, the second would make more than three tenths.
    assert cover.add(rectangle(2, 22))
    assert not cover.add(rectangle(42, 62))
    assert cover.seen(0) == 26 / 32
    assert cover.seen(1) == 1
    assert len(cover.outlines) == 2
    # One that sticks out by half, and one that lies outside.
    assert not cover.add(Outline("ellipse", 1.0, 0.5, 0.1, 0.1, 1.0, 0.0))
    assert not cover.add(Outline("ellipse", 3.0, 0.5, 0.1, 0.1, 1.0, 0.0))


def test_a_cover_counts_all_that_lie_below_together():
    # The one in the middle lies with 6 of its 28 columns on each of the others and hides 6 of their 22.
    left, right, middle = rectangle(2, 24), rectangle(40, 62), rectangle(18, 46)
    for other in (left, right):
        assert len(place((other, middle))) == 2
    with pytest.raises(ValueError, match="rules"):
        place((left, right, middle))


@pytest.mark.parametrize(("x", "allowed"), [(36, True), (35, False), (20, False)])  # 2, 3 and 6 of its 6 columns
def test_no_object_lies_on_another_with_much_of_itself(x, allowed):
    outlines = rectangle(6, 38, 6, 58), rectangle(x, x + 6, 24, 30)  # however little of the large one is hidden
    if allowed:
        assert len(place(outlines)) == 2
    else:
        with pytest.raises(ValueError, match="rules"):
            place(outlines)


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


def test_tilt_is_even_in_its_tangent():
    random = np.random.RandomState(0)
    cos, sin = np.array([tilt(random) for _ in range(4000)]).T
    np.testing.assert_allclose(np.hypot(cos, sin), 1)
    slopes = sin / cos
    assert 0.576 < abs(slopes).max() <= 0.577 < np.tan(np.radians(30))
    assert (cos > 0).all()
    assert np.histogram(slopes, 8, (-0.577, 0.577))[0] == pytest.approx(np.full(8, 500), abs=100)


def test_a_random_outline_has_the_side_it_is_given():
    random = np.random.RandomState(0)
    outside = 0
    for i in range(300):
        name, side = CLASS_NAMES[i % 5], 0.1 + 0.8 * i / 300
        x1, y1, x2, y2 = box = random_outline(random, name, side, 1.2, inside=i % 2 == 0).box()
        assert max(x2 - x1, y2 - y1) == pytest.approx(side)
        if i % 2 == 0:
            assert min(box) >= -1e-9
            assert max(box) <= 1 + 1e-9
        else:
            assert min(x1, y1, 1 - x2, 1 - y2) >= -0.3 * side - 1e-9
            outside += min(x1, y1, 1 - x2, 1 - y2) < 0
    assert outside > 50


def test_the_scene_uses_no_other_random_source():
    """Same seed, same scene, whatever NumPy's global state is."""
    np.random.seed(1)  # noqa: NPY002
    first = plan_scene(np.random.RandomState([5, 3]))
    assert first == SCENES[3]
    assert (scene.MAX_HIDDEN, scene.MAX_ON_OTHERS, scene.MIN_INSIDE) == (0.3, 0.35, 0.7)
