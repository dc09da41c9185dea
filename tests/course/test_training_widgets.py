"""What the widgets of lessons 09 to 13 say is what the library says."""

import re

import numpy as np
import pytest
from widget_data import data

from lessons.course.widgets import training as training_widgets
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import TINY
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.losses import smooth_l1
from numpyssd.training.matching import match


def test_an_object_shows_the_default_boxes_that_match_it_wherever_it_is():
    defaults = default_boxes(TINY)
    corners = cxcywh_to_xyxy(defaults)
    for variant in data(training_widgets.matched_object(TINY))["variants"]:
        thing = variant["things"][0]
        assert len(variant["states"]) == (17 - thing["w"]) * (17 - thing["h"])
        for key in list(variant["states"])[::7]:
            (x, y), (words, marks) = map(int, key.split(",")), variant["states"][key]
            own = np.array([[x, y, x + thing["w"], y + thing["h"]]]) / 16
            matched, overlaps = np.flatnonzero(match(own, defaults) == 0), iou(own, corners)[0]
            assert words.startswith(f"{len(matched)} of 1504 are positive")
            assert [mark[1] for mark in marks] == ["default-box", *["positive"] * len(matched), "pointer"]
            said = [float(number) for number in re.findall(r"\d\.\d\d", words)]
            assert said == pytest.approx(sorted(overlaps[matched], reverse=True), abs=0.006)
            black = np.array([marks[-1][2:6]], float)
            middle = black[0, :2] + black[0, 2:] / 2
            black[:, 2:] += black[:, :2]
            assert iou(black / 320, own)[0, 0] == pytest.approx(overlaps.max(), abs=0.05)  # drawn in whole pixels
            cell = np.array(marks[0][2:6])
            assert middle == pytest.approx(cell[:2] + cell[2:] / 2, abs=1)  # a default box and its cell have one center


def test_an_offset_says_its_loss_and_the_line_is_its_step():
    got = data(training_widgets.offset_and_loss())
    assert got["states"][got["first"]]["say"] == "x = +2.50: loss |x| - 0.5 = 2.00, gradient +1.00"
    for state in got["states"]:
        x, loss, gradient = (float(n) for n in re.findall(r"[-+]?\d+\.\d\d", state["say"]))
        expected = smooth_l1(np.array([x]))
        assert (loss, gradient) == pytest.approx((expected[0][0], expected[1][0]), abs=0.006)
        _, _, begin, _, end, _ = state["marks"][2]
        width = state["marks"][0][4]  # of the object; x is in tenths of it
        assert (begin, begin - end) == pytest.approx((160 + 0.1 * width * x, 28 * gradient), abs=0.2)
        assert state["point"] == pytest.approx([(x + 3) / 6, loss / 2.5], abs=0.01)


def test_a_ratio_chooses_as_many_of_the_hardest_negatives():
    rng, defaults = np.random.default_rng(0), default_boxes(TINY)
    conf, conf_targets = rng.normal(size=(1504, 6)), np.zeros(1504, int)
    conf_targets[[3, 700, 1400]] = 2
    got = data(training_widgets.mining_cuts(np.zeros((64, 64, 3), np.uint8), defaults, conf, conf_targets))
    ratios = [int(state["say"].split()[0]) for state in got["states"]]
    assert ratios == [0, 1, 2, 3, 4, 6, 10, 20, 40]
    assert ratios[got["first"]] == 3
    for ratio, state in zip(ratios, got["states"]):
        assert [name_and_count[1] for name_and_count in state["counts"]] == [3, 3 * ratio]
        assert [mark[1] for mark in state["marks"]] == ["negative"] * 3 * ratio + ["positive"] * 3
    heights = [state["point"][1] for state in got["states"][1:]]
    assert heights == sorted(heights, reverse=True)


def test_a_film_draws_at_most_twelve_boxes_and_ends_with_the_last_moment():
    image, objects = np.zeros((64, 64, 3), np.uint8), np.array([[8, 8, 24, 24]], float)
    many = (np.tile(objects, (20, 1)), ["disc"] * 20, np.full(20, 0.5))
    film, losses = [many, (objects, ["ring"], np.array([0.9]))], np.linspace(9, 0, 61)
    got = data(training_widgets.film_of_training(image, objects, film, (0, 60), losses))
    assert [state["say"] for state in got["states"]] == [
        "after 0 iterations: loss 9.000, 20 boxes",
        "after 60 iterations: loss 0.000, 1 boxes",
    ]
    assert [len(state["marks"]) for state in got["states"]] == [1 + 12, 2]
    assert got["first"] == 1
    assert got["states"][1]["marks"][1] == ["box", "prediction", 32, 32, 64, 64, "ring 0.90"]
