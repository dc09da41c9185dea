"""numpyssd.model.scales: Caffe's percents make the presets, and equation 4 the paper's numbers."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY
from numpyssd.model.scales import caffe_scales, paper_scales
from numpyssd.pictures.default_box_differences import difference
from numpyssd.weights.stored_config import config_from_dict

CAFFES = [(SSD300, (20, 90, 10)), (SSD300_COCO, (15, 90, 7)), (SSD512, (15, 90, 7)), (SSD512_COCO, (10, 90, 4))]


def blank(config):
    """A config without scales, so that none can be left as it was."""
    return replace(config, feature_maps=tuple(replace(m, scale_px=0, next_scale_px=0) for m in config.feature_maps))


def scales(config):
    rows = config.feature_maps
    assert [m.next_scale_px for m in rows[:-1]] == [m.scale_px for m in rows[1:]]
    return [m.scale_px for m in rows] + [rows[-1].next_scale_px]


@pytest.mark.parametrize(("config", "percents"), CAFFES, ids=lambda c: getattr(c, "name", ""))
def test_caffes_percents_make_the_presets_exactly(config, percents):
    assert caffe_scales(blank(config), *percents) == config


def test_golden_scales():
    # ssd_pascal.py: 10 and then 20, 37, 54, 71, 88 percent of 300 px, and 105 after the last.
    assert scales(caffe_scales(blank(SSD300), 20, 90, 10)) == [30, 60, 111, 162, 213, 264, 315]
    # Equation 4 with m = 5: 0.2, 0.375, 0.55, 0.725, 0.9; conv4_3 has 0.1; the step goes on to 1.075.
    papers = [30, 60, 112.5, 165, 217.5, 270, 322.5]
    np.testing.assert_allclose(scales(paper_scales(blank(SSD300))), papers)
    np.testing.assert_allclose(scales(paper_scales(blank(SSD300), after=1)), [*papers[:-1], 300])
    # With m = 6, as section 2.2 reads: steps of 0.14.
    everywhere = [60, 102, 144, 186, 228, 270, 312]
    np.testing.assert_allclose(scales(paper_scales(blank(SSD300), first=None)), everywhere)


def test_the_two_rules_agree_at_512_for_voc():
    # (0.9 - 0.15) / 5 is 0.15, a whole percent.
    np.testing.assert_allclose(scales(paper_scales(SSD512, 0.15, first=0.07)), scales(SSD512))


def test_a_port_with_the_papers_rule_is_as_far_from_caffe_as_was_found():
    # From an independent script: scales 0.1 to 0.9 with 1.0 after the last, centers by cell: mean IoU 0.80, least 0.47.
    port = replace(paper_scales(SSD300, after=1), center_rule="cell", whole_pixels=False)
    iou = difference(SSD300, port).iou
    assert (round(iou.mean(), 2), round(iou.min(), 2)) == (0.80, 0.47)


def test_nothing_but_the_scales_changes():
    assert blank(paper_scales(SSD512)) == blank(SSD512)
    assert len(paper_scales(TINY).feature_maps) == 5


@pytest.mark.parametrize("percents", [(90, 20, 10), (20, 22, 10), (20, 90, 30), (20, 90, 0)])
def test_percents_that_do_not_rise(percents):
    with pytest.raises(ValueError, match="percents must rise.* 6 feature maps"):
        caffe_scales(SSD300, *percents)


def test_too_few_maps():
    two = replace(SSD300, feature_maps=SSD300.feature_maps[:2])
    with pytest.raises(ValueError, match="3 or more"):
        caffe_scales(two, 20, 90, 10)
    with pytest.raises(ValueError, match="2 feature maps"):
        paper_scales(two)
    for bad in ({"smallest": 0.9}, {"first": 0.3}, {"smallest": 0.0}):
        with pytest.raises(ValueError, match="scales must rise"):
            paper_scales(SSD300, **bad)


def test_the_rules_ride_in_a_checkpoint_and_an_older_one_has_caffes():
    ported = replace(paper_scales(SSD300), whole_pixels=False, center_rule="cell", clip_mode="cxcywh")
    stored = json.loads(json.dumps(asdict(ported)))
    assert config_from_dict(stored) == ported
    for name in ("whole_pixels", "center_rule", "clip_mode"):
        del stored[name]
    older = config_from_dict(stored)
    assert (older.whole_pixels, older.center_rule, older.clip_mode) == (True, "step", "none")
