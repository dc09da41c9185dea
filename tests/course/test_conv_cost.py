"""Counted costs against a count by loops, and the numbers of the papers."""

from itertools import product

import pytest

from lessons.course.conv_cost import draw_algorithms, draw_tile, multiplications, numbers_moved
from numpyssd.drawing import new_figure
from numpyssd.kernels.cpu.conv import winograd


def test_the_plain_way_is_the_count_of_its_loops():
    count = sum(1 for _ in product(range(2), range(3), range(5), range(4), range(3), range(3), range(6)))
    assert multiplications((2, 3, 5, 4), 6) == count


@pytest.mark.parametrize(("tile", "products"), [(2, 16), (4, 36), (6, 64)])  # Lavin, Gray 2016
def test_a_tile(tile, products):
    assert multiplications((1, tile, tile, 1), 1, 3, tile) == products
    assert multiplications((1, tile + 1, tile, 1), 1, 3, tile) == 2 * products  # an edge is a whole tile
    assert multiplications((3, tile, tile, 5), 7, 3, tile) == 3 * 5 * 7 * products


def test_the_kernels_have_the_tile_that_is_drawn():
    assert (winograd.TILE, winograd.PATCH) == (4, 6)


def test_numbers_moved_is_the_sum_of_the_three_arrays():
    assert numbers_moved((1, 4, 4, 2), (3, 3, 2, 5), (1, 2, 2, 5)) == 32 + 90 + 20


def test_figures():
    figure, axes = new_figure(1, 2)
    draw_algorithms(axes)
    assert [bar.get_width() for bar in axes[0].patches] == [9, 9, 9, 4, 2.25]
    figure, ax = new_figure()
    draw_tile(ax, 4)
    assert sorted(patch.get_width() for patch in ax.patches) == [4, 6]
