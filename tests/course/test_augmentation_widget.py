"""The widget of lesson 12 says what the library's samplers do, and its inset shows what the patch holds."""

import re

import numpy as np
import pytest
from widget_data import data

from lessons.course.photograph import photograph
from lessons.course.widgets import augmentation as augmentation_widgets
from lessons.course.widgets.widget import view
from numpyssd.boxes import iou
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop_candidates
from numpyssd.training.augmentation.geometry import boxes_in_view

SEEDS = (466, 1)


@pytest.fixture(scope="module")
def widget():
    image, boxes, _, names = photograph()
    return data(augmentation_widgets.crop_tries(image, boxes, names, SEEDS)), boxes, names


def test_the_photograph_has_its_boxes_inside():
    image, boxes, labels, names = photograph()
    assert image.shape == (600, 512, 3)
    assert (boxes[:, :2] < boxes[:, 2:]).all()
    assert (boxes >= 0).all()
    assert (boxes[:, 2:] <= [512, 600]).all()
    assert labels.tolist() == [1, 2, 3]
    assert len(names) == 3


def test_every_try_of_every_sampler_says_what_it_found(widget):
    got, boxes, names = widget
    assert len(got["states"]) == 7 * len(SEEDS)
    for n, seed in enumerate(SEEDS):
        crops, found = crop_candidates(np.array([0.0, 0, 512, 600]), boxes, np.random.default_rng(seed))
        assert found[5] == (seed == 466)  # the sampler of 0.9, which hardly ever finds one
        for sampler, crop in enumerate(crops):
            words, marks = got["states"][f"{sampler},{n}"]
            if not found[sampler]:
                assert words.startswith(f"None of 50 patches has an IoU ≥ {MIN_IOUS[sampler - 1]}")
                assert marks == []
                continue
            said = [float(number) for number in re.findall(r"\d\.\d\d", words)]
            assert said == pytest.approx(iou(crop[None], boxes)[0], abs=0.006)
            stays = words[words.index("Stays: ") + 7 : words.index(". Goes: ")]
            assert stays == (", ".join(names[m] for m in boxes_in_view(boxes, crop)[1]) or "nothing")


def test_green_boxes_stay_and_lie_in_the_inset_where_the_library_puts_them(widget):
    got, boxes, names = widget
    for n, seed in enumerate(SEEDS):
        crops, found = crop_candidates(np.array([0.0, 0, 512, 600]), boxes, np.random.default_rng(seed))
        for sampler in np.flatnonzero(found):
            patch, outline, *objects, inset = got["states"][f"{sampler},{n}"][1][:6]
            moved, kept = boxes_in_view(boxes, crops[sampler])
            assert [mark[1] for mark in objects] == ["ground-truth" if m in kept else "negative" for m in range(3)]
            assert [mark[6] for mark in objects] == list(names)
            assert patch[2:6] == patch[6:] == outline[2:6] == inset[6:]  # on the image a patch lies where it comes from
            np.testing.assert_allclose(patch[2:4], crops[sampler][:2] * 240 / 600, atol=0.06)
            left = got["size"][0] + augmentation_widgets.GAP
            assert inset[:6] == ["view", "mean", left, 0, 240, 240]
            in_the_inset = got["states"][f"{sampler},{n}"][1][6:]
            assert [mark[6] for mark in in_the_inset] == [names[m] for m in kept]
            corners = moved * 240 + [left, 0, left, 0]
            sizes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
            drawn = np.array([mark[2:6] for mark in in_the_inset], float).reshape(-1, 4)
            np.testing.assert_allclose(drawn, sizes, atol=0.06)


def test_the_mark_of_an_inset_has_both_rectangles():
    assert view((10, 20, 40, 60), (0, 1, 2.25, 5)) == ["view", "mean", 10, 20, 30, 40, 0, 1, 2.2, 4]
