"""What a network is: the steps, the first weights, the small network, and the widgets and exercises about them."""

import numpy as np
import pytest
from widget_data import data

from lessons.course import check
from lessons.course.descent import draw_descent, draw_fits, walk
from lessons.course.first_weights import draw_signal, signal_sizes
from lessons.course.small_network import RADIUS, draw_plane, kink_lines, plane_image, points_and_circle
from lessons.course.widgets.network import film_of_a_network, rates
from numpyssd.drawing import new_figure
from numpyssd.kernels.reference.arrays import sgd_step
from numpyssd.kernels.reference.batchnorm import batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.reference.conv2d import conv2d_backward, conv2d_forward
from numpyssd.layers.conv2d import xavier


def loss(w):
    return 2.5 * (w - 8) ** 2


def slope(w):
    return 5 * (w - 8)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_a_walk_is_the_optimizers(momentum):
    value, velocity, weights = np.array([40.0]), np.zeros(1), [40.0]
    for _ in range(6):
        sgd_step(value, slope(value), velocity, 0.1, momentum, 0.0)
        weights.append(value[0])
    np.testing.assert_allclose(walk(slope, 40, 0.1, 6, momentum), weights)


def test_the_signal_keeps_its_size_by_hes_rule_and_changes_by_the_factor_in_each_layer():
    for factor in (0.5, 1, 1.5):
        sizes = signal_sizes(factor, layers=6, width=512)
        assert len(sizes) == 7
        np.testing.assert_allclose(sizes[1:] / sizes[:-1], factor, rtol=0.12)


def test_xavier_has_the_variance_that_the_lesson_says():
    weight = xavier(np.random.default_rng(0), (3, 3, 16, 256))
    assert weight.var() * 3 * 3 * 16 == pytest.approx(1, rel=0.03)


def test_points_are_inside_the_circle_or_not():
    points, inside = points_and_circle(4000, np.random.default_rng(0))
    assert abs(points).max() < 1
    assert (np.hypot(*points[inside == 1].T) < RADIUS).all()
    assert (np.hypot(*points[inside == 0].T) >= RADIUS).all()
    assert inside.mean() == pytest.approx(np.pi * RADIUS**2 / 4, abs=0.03)


def test_the_plane_is_red_below_a_half_blue_above_and_its_first_row_is_the_upper_one():
    image = plane_image(lambda places: (places[:, 1] > 0) * 1.0, side=8).astype(int)
    red, blue = image[..., 0], image[..., 2]
    assert (blue[:4] > red[:4]).all()  # y is positive above
    assert (red[4:] > blue[4:]).all()
    assert (plane_image(lambda places: np.full(len(places), 0.5)) == 255).all()
    banded = plane_image(lambda places: places[:, 0], side=100, bands=5)
    assert len(np.unique(banded.reshape(-1, 3), axis=0)) == 5


def test_a_kink_lies_where_the_sum_of_a_unit_is_zero(rng):
    weight, bias = rng.normal(size=(2, 40)), rng.normal(size=40)
    lines = kink_lines(weight, bias)
    seen = ~np.isnan(lines).any(axis=(1, 2))
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) @ weight + bias
    crosses = (corners > 0).any(axis=0) & (corners < 0).any(axis=0)
    np.testing.assert_array_equal(seen, crosses)
    sums = np.einsum("hei,ih->he", lines, weight) + bias[:, None]
    np.testing.assert_allclose(sums[seen], 0, atol=1e-12)
    assert abs(lines[seen]).max() <= 1 + 1e-9
    assert (abs(lines[seen]).max(axis=2) > 1 - 1e-9).all()  # both ends are on the edge


def test_a_kink_along_an_axis_or_nowhere():
    lines = kink_lines(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0]]), np.array([-0.5, 1.0, 1.0]))
    assert sorted(lines[0].tolist()) == [[-1, 0.5], [1, 0.5]]
    assert sorted(lines[1].tolist()) == [[-0.5, -1], [-0.5, 1]]
    assert np.isnan(lines[2]).all()


def test_figures():
    weights = walk(slope, 40, 0.1, 5)
    figure, axes = new_figure(2, 2)
    draw_descent(axes[0], loss, slope, weights)
    tangents = [line.get_xydata() for line in axes[0].lines if line.get_linestyle() == "--"]
    found = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in tangents]
    np.testing.assert_allclose(found, slope(weights[:-1]))
    draw_fits(axes[1], [1, 2], [8, 16], weights)
    ends = [line.get_ydata()[1] / line.get_xdata()[1] for line in axes[1].lines[:6]]
    np.testing.assert_allclose(ends, weights)
    draw_signal(axes[2], {"a": signal_sizes(1, 3, 32), "b": signal_sizes(2, 3, 32)})
    assert axes[2].get_yscale() == "log"
    points, inside = points_and_circle(20, np.random.default_rng(0))
    draw_plane(axes[3], lambda places: places[:, 0], points, inside, np.eye(2), np.zeros(2))
    assert sum(len(line.get_xdata()) for line in axes[3].lines[:2]) == 20


def test_a_rate_and_a_step_say_the_weight():
    got = data(rates(loss, slope, 40, (0.1, 0.5), 8, 56, steps=3))
    assert [group["options"] for group in got["groups"]] == [["0.1", "0.5"], ["0", "1", "2", "3"]]
    assert got["states"]["0,2"][0] == "rate 0.1, step 2: w = 24 - 0.1 · 80 = 16, loss 160, slope 40"
    assert got["states"]["1,2"][0] == "rate 0.5, step 2: w = -40 - 0.5 · (-240) = 80, loss 12960, slope 360 " + (
        "(outside of the drawing)"
    )
    _, _, width, height = got["view"]
    for _, marks in got["states"].values():
        for mark in marks:
            assert 0 <= mark[2] <= width
            assert 0 <= mark[3] <= height
    assert len(got["states"]["0,3"][1]) == 2 * 3 + 4  # three steps with the way down, four places


def test_a_film_says_the_loss_and_what_is_right():
    points, inside = np.array([[0.0, 0.5], [0.0, -0.5], [0.5, 0.5]]), np.array([1.0, 1.0, 0.0])
    frames = [(0, lambda p: p[:, 1] + 0.4, np.array([[0.0, 9], [1, 9]]), np.array([0, 99.0]), 0.25)]
    got = data(film_of_a_network(frames * 2, points, inside))
    assert got["states"][0]["say"] == "after 0 steps: loss 0.250, 1 of 3 points right"
    assert len(got["states"][0]["marks"]) == 1  # the second unit's kink is outside
    assert len(got["images"]) == 2
    assert got["states"][1]["image"] == 1


def test_answers_about_layers_equal_the_library_for_maps_of_one_place(rng):
    x, weight, bias, dout = (rng.normal(size=shape) for shape in ((5, 3), (3, 4), 4, (5, 4)))
    args = x[:, None, None], weight[None, None]
    out = conv2d_forward(*args, bias, relu=True)
    np.testing.assert_allclose(check.EXERCISES["relu_layer"].answer(x, weight, bias), out[:, 0, 0])
    dx, dweight, dbias = conv2d_backward(dout[:, None, None], *args, out=out)
    expected = dx[:, 0, 0], dweight[0, 0], dbias
    for found, right in zip(check.EXERCISES["layer_gradients"].answer(dout, x, weight, bias), expected, strict=True):
        np.testing.assert_allclose(found, right)
    scale, shift, maps = rng.normal(size=3), rng.normal(size=3), x[:, None, None]
    normalized = batchnorm_forward(maps, *batchnorm_statistics(maps), scale, shift)[:, 0, 0]
    np.testing.assert_allclose(check.EXERCISES["batch_normalize"].answer(x, scale, shift), normalized)


def test_one_layer_does_what_two_do(rng):
    x, *layers = (rng.normal(size=shape) for shape in ((6, 2), (2, 5), 5, (5, 3), 3))
    weight, bias = check.EXERCISES["merge_layers"].answer(*layers)
    np.testing.assert_allclose(x @ weight + bias, (x @ layers[0] + layers[1]) @ layers[2] + layers[3])


def test_the_steps_of_the_exercise_are_those_of_the_figure():
    x, y = np.array([1.0, 2]), np.array([8.0, 16])
    for steps in range(4):
        assert check.EXERCISES["descend"].answer(40.0, x, y, 0.1, steps) == walk(slope, 40, 0.1, steps)[-1]
