from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.datasets.shapes.outlines import AREAS, CLASS_NAMES, CLUTTER_NAMES, Outline, contains, pixel_coverage

NAMES = st.sampled_from(CLASS_NAMES + CLUTTER_NAMES)
FEW = settings(deadline=None, max_examples=50)


def outline(name, angle=0.0, x=0.5, y=0.5, along=0.3, across=0.2):
    return Outline(name, x, y, along, across, cos(angle), sin(angle))


@FEW
@given(NAMES, st.floats(0, 2 * pi), st.floats(0.1, 0.4), st.floats(0.1, 0.4))
def test_the_box_is_tight(name, angle, along, across):
    shape = Outline(name, 0.5, 0.5, along, across, cos(angle), sin(angle))
    size = 600
    rows, columns, counts = pixel_coverage(shape, size, samples=1)
    ys, xs = np.nonzero(counts)
    seen = np.array([xs.min() + columns.start, ys.min() + rows.start, xs.max() + 1 + columns.start, 0]) / size
    seen[3] = (ys.max() + 1 + rows.start) / size
    box = np.clip(shape.box(), 0, 1)
    if name == "crescent":  # its box only has to hold it
        assert (seen[:2] >= box[:2] - 1 / size).all()
        assert (seen[2:] <= box[2:] + 1 / size).all()
    else:  # a sharp corner may slip between the sample points: 6 pixels of 600
        assert abs(seen - box).max() < 6 / size


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_coverage_adds_up_to_the_area(name):
    shape = outline(name, 0.7)
    _, _, counts = pixel_coverage(shape, 300, samples=3)
    assert counts.max() == 9
    assert counts.sum() / 9 / 300**2 == pytest.approx(shape.area(), rel=0.005)


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_areas(name):
    points = (np.arange(1000) + 0.5) / 500 - 1
    fraction = contains(name, *np.meshgrid(points, points)).mean()
    assert 4 * fraction == pytest.approx(AREAS[name], rel=0.005)


def test_the_definitions_at_points_that_tell_the_classes_apart():
    #                     middle    edge        corner      between arms  below the base
    points = np.array([(0, 0), (0.99, 0), (0.99, 0.99), (0.5, 0.5), (0, 0.6)]).T
    inside = {name: contains(name, *points).tolist() for name in CLASS_NAMES}
    assert inside == {
        "cross": [True, True, False, False, True],
        "ellipse": [True, True, False, True, True],
        "rectangle": [True, True, True, True, True],
        "ring": [False, True, False, True, True],
        "triangle": [True, False, False, True, False],
    }


@FEW
@given(NAMES, st.floats(0, 6), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.integers(1, 3))
def test_coverage_by_its_definition(name, angle, x, y, samples):
    """Ask every point of every pixel of the whole image, one by one."""
    shape, size = outline(name, angle, x, y), 11
    least, most = np.zeros((size, size), int), np.zeros((size, size), int)
    for row in range(size * samples):
        for column in range(size * samples):
            dx, dy = (column + 0.5) / (size * samples) - x, (row + 0.5) / (size * samples) - y
            u = (dx * shape.cos + dy * shape.sin) / shape.along
            v = (dy * shape.cos - dx * shape.sin) / shape.across
            # A point on the very edge may fall either way in float32.
            u, v = u + 1e-5 * np.array([0, 1, 1, -1, -1]), v + 1e-5 * np.array([0, 1, -1, 1, -1])
            inside = contains(name, u, v)
            least[row // samples, column // samples] += inside.all()
            most[row // samples, column // samples] += inside.any()
    rows, columns, counts = pixel_coverage(shape, size, samples)
    actual = np.zeros((size, size), int)
    actual[rows, columns] = counts
    assert (least <= actual).all()
    assert (actual <= most).all()


def test_an_outline_outside_the_image_covers_nothing():
    for x, y in ((3, 0.5), (-3, 0.5), (0.5, 3), (0.5, -3)):
        _, _, counts = pixel_coverage(outline("ring", 0.3, x, y), 20)
        assert counts.size == 0


def test_unknown_name():
    with pytest.raises(ValueError, match="ellipse.*not 'disc'"):
        contains("disc", np.zeros(1), np.zeros(1))
