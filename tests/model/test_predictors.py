"""predictors: the flattened output has the order of the default boxes, and its gradient finds the way back."""

import numpy as np
import pytest
from small import SMALL

from numpyssd.drawing import new_figure
from numpyssd.model.default_boxes import cell_sizes, default_boxes
from numpyssd.model.predictors import Predictors

CHANNELS = [8, 5, 7, 4]


def build(backend_rng=0):
    return Predictors(SMALL, np.random.default_rng(backend_rng), CHANNELS)


def features(rng, images=2):
    return [
        rng.standard_normal((images, f.size, f.size, c)).astype(np.float32)
        for f, c in zip(SMALL.feature_maps, CHANNELS)
    ]


def silence(predictors):
    """Make every weight zero, so that a test can switch on what it looks at."""
    for parameter in predictors.parameters().values():
        parameter.value = np.zeros_like(parameter.value)


def test_shapes_and_names(backend, rng):
    predictors = build()
    loc, conf = predictors.forward(features(rng))
    boxes = len(default_boxes(SMALL))
    assert loc.shape == (2, boxes, 4)
    assert conf.shape == (2, boxes, SMALL.num_classes)
    names = [f"{kind}.{i}.{part}" for kind in ("loc", "conf") for i in range(4) for part in ("weight", "bias")]
    assert list(predictors.parameters()) == ["conv4_3_norm.scale", *names]
    loc, conf = predictors.forward(features(rng, images=0))
    assert (loc.shape, conf.shape) == ((0, boxes, 4), (0, boxes, SMALL.num_classes))


@pytest.mark.parametrize("index", range(len(SMALL.feature_maps)))
def test_order_is_that_of_the_default_boxes(index, backend, rng):
    # Light up one cell of one map: the rows that answer must be the default boxes of that cell, size by size.
    f = SMALL.feature_maps[index]
    predictors = build()
    silence(predictors)
    predictors.norm.scale.value[:] = 1
    values = SMALL.num_classes
    for b in range(f.boxes_per_cell):
        for v in range(4):
            predictors.loc[index].weight.value[1, 1, 0, b * 4 + v] = 10 * b + v + 1  # the middle: the cell itself
        for c in range(values):
            predictors.conf[index].weight.value[1, 1, 0, b * values + c] = 100 * b + c + 1
    row, column = f.size // 2, f.size - 1
    maps = [np.zeros_like(a) for a in features(rng, images=1)]
    maps[index][0, row, column, 0] = 1
    loc, conf = predictors.forward(maps)
    answering = np.flatnonzero(loc[0].any(axis=1))
    np.testing.assert_array_equal(answering, np.flatnonzero(conf[0].any(axis=1)))
    boxes = default_boxes(SMALL)[answering] * SMALL.image_size
    np.testing.assert_allclose(boxes[:, 0], (column + 0.5) * f.step, rtol=1e-6)
    np.testing.assert_allclose(boxes[:, 1], (row + 0.5) * f.step, rtol=1e-6)
    np.testing.assert_allclose(boxes[:, 2:], cell_sizes(f), rtol=1e-6)
    b = np.arange(f.boxes_per_cell)[:, None]
    np.testing.assert_allclose(loc[0, answering], 10 * b + np.arange(4) + 1, rtol=1e-6)
    np.testing.assert_allclose(conf[0, answering], 100 * b + np.arange(values) + 1, rtol=1e-6)


def test_a_bias_answers_in_every_cell_of_its_map(backend, rng):
    predictors = build()
    silence(predictors)
    predictors.loc[1].bias.value[2 * 4 + 3] = 1  # map conv7, box 2 (the wide one), value 3 (dh)
    loc, conf = predictors.forward(features(rng, images=1))
    rows, value = np.nonzero(loc[0])
    assert set(value) == {3}
    assert not conf.any()
    boxes = default_boxes(SMALL)[rows] * SMALL.image_size
    assert len(boxes) == SMALL.feature_maps[1].size ** 2
    assert len(np.unique(boxes[:, :2], axis=0)) == len(boxes)  # every cell once
    np.testing.assert_allclose(boxes[:, 2:], np.tile(cell_sizes(SMALL.feature_maps[1])[2], (len(boxes), 1)), rtol=1e-6)


def test_backward_undoes_the_flattening(backend, rng):
    # The gradient of one row reaches one cell's surroundings on one map, and one box's columns of the weights.
    predictors = build()
    predictors.forward(features(rng))
    boxes = len(default_boxes(SMALL))
    dloc, dconf = np.zeros((2, boxes, 4), np.float32), np.zeros((2, boxes, SMALL.num_classes), np.float32)
    start = 12 * 12 * 4
    row, column, b = 3, 1, 2
    dloc[1, start + (row * 6 + column) * 4 + b, 1] = 1
    dfeatures = predictors.backward(dloc, dconf)
    assert [bool(d.any()) for d in dfeatures] == [False, True, False, False]
    where = np.argwhere(dfeatures[1].any(axis=3))
    assert {tuple(cell) for cell in where} == {(1, r, c) for r in (2, 3, 4) for c in (0, 1, 2)}
    np.testing.assert_array_equal(np.flatnonzero(predictors.loc[1].bias.grad), [b * 4 + 1])
    assert not any(layer.bias.grad.any() for layer in predictors.conf)


def test_only_the_first_map_is_normalized(backend, rng):
    predictors = build()
    maps = features(rng)
    loc, conf = predictors.forward(maps)
    loud = [a * 100 for a in maps]
    loud_loc, _ = predictors.forward([loud[0], *maps[1:]])
    np.testing.assert_allclose(loud_loc, loc, rtol=1e-3, atol=1e-4)  # its loudness does not matter
    loud_loc, _ = predictors.forward([maps[0], loud[1], *maps[2:]])
    first, second = 12 * 12 * 4, 12 * 12 * 4 + 6 * 6 * 4
    np.testing.assert_allclose(loud_loc[:, first:second], 100 * loc[:, first:second], rtol=1e-3, atol=1e-3)


def test_errors_name_the_argument(backend, rng):
    predictors = build()
    loc, conf = predictors.forward(features(rng))
    with pytest.raises(ValueError, match=r"dloc must be \(2, \d+, 4\), not \(2, \d+, 4\)"):
        predictors.backward(np.concatenate([loc, loc], axis=1), conf)  # too many rows were once left out silently
    with pytest.raises(ValueError, match=r"dconf must be \(2, \d+, 6\), not \(2, \d+, 5\)"):
        predictors.backward(loc, conf[..., 1:])


def test_figure_shows_the_largest_object_score_of_each_cell():
    from numpyssd.model.predictors import draw_scores

    figure, axes = new_figure(1, 4)
    scores = np.zeros((len(default_boxes(SMALL)), SMALL.num_classes))
    scores[:, 0] = 1  # background, which is not shown
    scores[12 * 12 * 4 + (2 * 6 + 5) * 4 + 1, 3] = 0.75  # conv7, row 2, column 5
    draw_scores(axes, np.zeros((96, 96, 3), np.uint8), scores, SMALL.feature_maps)
    heat = [ax.images[-1].get_array() for ax in axes]
    assert [h.shape for h in heat] == [(f.size, f.size) for f in SMALL.feature_maps]
    assert [float(h.max()) for h in heat] == [0, 0.75, 0, 0]
    assert np.unravel_index(heat[1].argmax(), heat[1].shape) == (2, 5)
    for ax, f in zip(axes, SMALL.feature_maps):
        assert tuple(ax.images[-1].get_extent()) == (0, f.size * f.step, f.size * f.step, 0)


def test_scores_lie_over_the_whole_image_when_it_is_larger_than_the_network_s_input():
    from numpyssd.model.predictors import draw_scores

    _, axes = new_figure(1, 4)
    scores = np.full((len(default_boxes(SMALL)), SMALL.num_classes), 0.5)
    draw_scores(axes, np.zeros((288, 288, 3), np.uint8), scores, SMALL.feature_maps, SMALL.image_size)
    for ax, f in zip(axes, SMALL.feature_maps):
        side = 3 * f.size * f.step  # of 96 pixels, drawn on 288
        assert tuple(ax.images[-1].get_extent()) == (0, side, side, 0)
        assert tuple(ax.images[0].get_extent()) == (0, 288, 288, 0)


def test_the_cards_of_a_map_are_rows_of_one_cell_with_channels_last_only():
    from numpyssd.model.predictors import draw_flattening

    _, axes = new_figure(1, 3)
    draw_flattening(axes, 2, 2, 3)
    for ax in axes:
        assert len(ax.patches) == 24
        assert len({(p.get_x(), p.get_y()) for p in ax.patches}) == 24
    for ax, colors in ((axes[1], {1}), (axes[2], {3})):
        rows = {}
        for card in ax.patches:
            rows.setdefault(card.get_y(), set()).add(card.get_facecolor())
        assert len(rows) == 8
        assert {len(each) for each in rows.values()} == colors
    out = np.array([f"{b} {v}" for _, _, b, v in np.ndindex(2, 2, 2, 3)]).reshape(2, 2, 6)
    wrong = out.transpose(2, 0, 1).reshape(-1)  # what the figure shows
    assert [text.get_text() for text in axes[2].texts] == wrong.tolist()
