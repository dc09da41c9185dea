"""Where a default box stands, and which pixels its cell sees."""

import dataclasses

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.browser.network import describe
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.images.preprocess import preprocess
from numpyssd.model.geometry import trunk
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.ssd import SSD
from numpyssd.reports.trace import origin
from numpyssd.run.recipes import COMPACT
from tests.browser_explainer.python_stages import tiny

THIN = [dataclasses.replace(config, width=1 / 64) for config in (SSD300, SSD512, COMPACT)]


@pytest.fixture(scope="module", params=[TINY, *THIN], ids=lambda config: config.name)
def config_and_model(request):
    model = SSD(request.param)
    model.class_names = tuple(map(str, range(1, request.param.num_classes)))
    return request.param, describe(model, "x.npz")[0]


def test_a_row_has_the_place_that_python_says(node, config_and_model):
    config, model = config_and_model
    count = node.call("explainer/place.js", "firstRows", model)[-1]
    for row in [0, 1, 7, count // 3, count // 2, count - 100, count - 4, count - 1]:
        place = node.call("explainer/place.js", "placeOf", model, row)
        feature_map, *rest = origin(config, row)
        assert [config.feature_maps[place["map"]], place["row"], place["column"], place["box"]] == [feature_map, *rest]
        assert node.call("explainer/place.js", "rowAt", model, place) == row


def test_receptive_fields_are_those_of_python(node, config_and_model):
    config, model = config_and_model
    fields = receptive_fields(trunk(config))
    sources = [fields[layer.name] for layer in trunk(config) if layer.feature_map is not None]
    ours = node.call("explainer/receptive_field.js", "receptiveFields", model)
    for theirs, field in zip(sources, ours, strict=True):
        assert field == {"first": theirs.first, "step": theirs.step, "field": theirs.field}


@pytest.mark.parametrize("row", [4 * (16 * 5 + 9) + 1, 4 * (16 * 1 + 2)])  # of conv4_1; coarser maps see everything
def test_a_score_depends_on_its_receptive_field_and_on_nothing_else(node, row):
    model, described = tiny()
    place = node.call("explainer/place.js", "placeOf", described, row)
    square = np.array(node.call("explainer/receptive_field.js", "receptiveSquare", described, place)) * 64
    x1, y1, x2, y2 = np.clip(np.rint(square), 0, 64).astype(int)
    x = preprocess(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8), model.config)
    inside = np.zeros((64, 64, 1), bool)
    inside[y1:y2, x1:x2] = True
    assert 0 < inside.sum() < inside.size
    with kernels.using("reference"):  # Winograd's rounding spreads over its tiles
        before = model.infer(x)[1][0, row]
        np.testing.assert_array_equal(model.infer(np.where(inside, x, -x))[1][0, row], before)
        sides = [
            (x1 > 0, np.s_[:, x1]),
            (y1 > 0, np.s_[y1, :]),
            (x2 < 64, np.s_[:, x2 - 1]),
            (y2 < 64, np.s_[y2 - 1, :]),
        ]
        for edge in [edge for is_inside, edge in sides if is_inside]:  # it is no wider than said
            changed = x.copy()
            changed[0][edge] += 500
            assert not np.array_equal(model.infer(changed)[1][0, row], before)
