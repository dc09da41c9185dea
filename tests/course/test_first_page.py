"""What lesson 22 counts is what the summaries count, and what it says of our own runs is what is in their file."""

import json
from dataclasses import replace

import numpy as np
import pytest
from widget_data import data

from benchmarks.rivals.figure import draw_errors
from lessons.course import check, first_page, our_comparison
from lessons.course.first_page import INPUTS, faster_rcnn_costs, frames, ssd_costs
from lessons.course.widgets import first_page as first_page_widgets
from numpyssd.config import SSD300
from numpyssd.drawing import new_figure
from numpyssd.inference.error_split import ERROR_TYPES
from numpyssd.model.summary import summary
from numpyssd.rivals.faster_rcnn.recipes import PRESETS
from numpyssd.rivals.faster_rcnn.summary import multiply_adds

ANSWERS = {name: exercise.answer for name, exercise in check.EXERCISES.items()}


def test_a_square_image_costs_what_the_summaries_say():
    assert faster_rcnn_costs(600, 600) == multiply_adds(PRESETS["vgg600"], 300)
    assert sum(ssd_costs().values()) == sum(row.multiply_adds for row in summary(SSD300))
    conv7 = [row.layer for row in summary(SSD300)].index("conv7")
    assert ssd_costs()["trunk"] == sum(row.multiply_adds for row in summary(SSD300)[: conv7 + 1])


def test_width_and_height_cost_alike_and_proposals_cost_each():
    assert faster_rcnn_costs(600, 1000) == faster_rcnn_costs(1000, 600)
    parts = [faster_rcnn_costs(300, 500, count) for count in (0, 1, 300)]
    assert [part["second stage"] for part in parts] == [0, 119_967_744, 300 * 119_967_744]
    assert parts[0]["trunk"] == parts[2]["trunk"]


def test_all_that_was_published_costs_what_was_computed_by_hand():
    giga = {name: round(count / 1e9, 1) for name, count in first_page.costs().items()}
    assert giga == {
        "SSD300": 31.4, "SSD512": 90.2, "YOLO": 20.3, "YOLO VGG-16": 61.4,
        "Faster R-CNN, 800 x 600": 187.5, "Faster R-CNN, 1000 x 600": 225.6,
    }  # fmt: skip
    total = sum(ssd_costs().values())
    ratios = [round(sum(parts.values()) / total, 2) for _, parts in first_page.causes()]
    assert ratios == [7.19, 5.98, 2.06, 1.3, 1.11]


def test_a_choice_says_its_ratio_and_draws_it():
    got = data(first_page_widgets.factor())
    sizes = [group["options"] for group in got["groups"]]
    assert len(got["states"]) == np.prod([len(options) for options in sizes])
    ssd = sum(ssd_costs().values())
    for key, (words, marks) in got["states"].items():
        batch, size, proposals = (options[int(n)] for n, options in zip(key.split(","), sizes))
        faster = sum(faster_rcnn_costs(*INPUTS[size], int(proposals)).values())
        assert words.startswith(f"{faster / ssd:.2f} times the multiply-adds.")
        assert ("Published" in words) == (proposals == "300" and size in ("1000 x 600", "800 x 600"))
        if "Published" in words:
            assert f"{frames('SSD300', int(batch)) / 7:.1f} times" in words
            assert ("batch 8 against batch 1" in words) == (batch == "8")
        frame_widths = [mark[4] for mark in marks if mark[0] == "box"]
        assert frame_widths[1] / frame_widths[0] == pytest.approx(faster / ssd, rel=0.01)
        assert max(mark[2] + mark[4] for mark in marks if mark[0] in ("box", "fill")) <= got["size"][0]


def test_the_answers_are_the_librarys():
    row = next(row for row in summary(SSD300) if row.layer == "conv4_1")
    assert ANSWERS["multiply_adds_of"](38, 38, 3, 256, 512) == row.multiply_adds
    own, ssd = faster_rcnn_costs(600, 1200), sum(ssd_costs().values())
    equal = faster_rcnn_costs(300, 300)
    arguments = ssd, own["trunk"] + own["first stage"], own["second stage"] / 300, 300, 600 * 1200 / 300**2
    assert ANSWERS["ratio_at_equal_input"](*arguments) == pytest.approx(sum(equal.values()) / ssd, rel=0.02)  # edges
    for arguments in check.EXERCISES["clearly_ahead"].cases():
        assert ANSWERS["clearly_ahead"](*arguments) == our_comparison.clearly_ahead(*arguments)
    assert ANSWERS["frames_ratio"]({8: 59, 1: 46}, {1: 7}) == frames("SSD300") / frames("Faster R-CNN")


def made_up(values, size=0.5, speed=True):
    """Return the figures of one run, as benchmarks.rivals writes them."""
    stages = {"resize": 1.0, "trunk": 9.0, "head": 2.0, "boxes and NMS": 1.0}
    run = {"mAP": values, "coco": values / 2, "AP50_by_size": {"small": size, "medium": values, "large": None}}
    run["errors"] = {"objects": 10, "correct": 8, **dict.fromkeys(ERROR_TYPES, 1)}
    if speed:
        rates = {"1": 40.0, "8": 50.0}
        run["speed"] = {"milliseconds": stages, "images_per_second": rates, "multiply_adds": 1_230_000_000}
    return run


@pytest.fixture
def results(tmp_path):
    runs = {"SSD|0": made_up(0.8), "SSD|1": made_up(0.82, speed=False), "YOLO|0": made_up(0.7), "YOLO|1": made_up(0.81)}
    runs["Faster R-CNN|0"] = slow = made_up(0.9, 0.6)
    slow["speed"] |= {"multiply_adds": 2_460_000_000, "milliseconds": {"trunk": 9.5, "regions": 10.0}}
    runs |= {"YOLO, 5 x 5 cells|0": made_up(0.6, speed=False)}
    path = tmp_path / "rivals.json"
    path.write_text(json.dumps({"runs": runs}), encoding="utf-8")
    return our_comparison.our_results(path)


def test_our_tables_have_a_line_for_each_row_that_was_run(results):
    head, *lines = our_comparison.accuracy_table(results).splitlines()
    assert head.split() == ["runs", "mAP", "COCO's", "small", "medium", "large"]
    assert [line[:27].strip() for line in lines] == ["SSD", "YOLO", "Faster R-CNN", "YOLO, 5 x 5 cells"]
    assert lines[0][27:].split() == ["2", "0.810", "±", "0.014", "0.405", "0.500", "0.810", "-"]
    assert lines[3][27:].split() == ["1", "0.600", "0.300", "0.500", "0.600", "-"]
    head, *costs = our_comparison.cost_table(results).splitlines()
    assert head.split() == ["regions", "GMAC", "/", "SSD", "ms", "/", "SSD", "images/s", "batch", "8"]
    assert [line[:27].strip() for line in costs] == ["SSD", "YOLO", "Faster R-CNN"]  # the last was not timed
    assert costs[0][27:].split() == ["-", "1.23", "1.00", "13.0", "1.00", "40.0", "50.0"]
    assert costs[2][27:].split() == ["910", "2.46", "2.00", "19.5", "1.50", "40.0", "50.0"]
    assert max(map(len, lines + costs)) < 80  # what a page shows without breaking a line


def test_the_regions_are_whole_numbers_and_not_more_than_the_proposals():
    results = our_comparison.our_results()
    for name in our_comparison.rows_of(results):
        row, speed = our_comparison.ROWS[name], our_comparison._speed(results, name)
        if row.detector == "faster_rcnn":
            regions = int(our_comparison.regions_of(name, speed))
            config = replace(our_comparison.PRESETS["compact"], num_classes=our_comparison.CLASSES, **row.changes)
            assert sum(our_comparison.multiply_adds(config, regions).values()) == speed["multiply_adds"]
            assert 0 < regions < config.proposals + 4  # the head computes whole rows of four


def test_a_bar_longer_than_all_objects_is_cut_off_and_says_how_long_it_is():
    _, ax = new_figure()
    errors = dict.fromkeys(("correct", *ERROR_TYPES), 1) | {"objects": 10, "localization": 19}
    draw_errors(ax, {"runs": {"YOLO|0": {"errors": errors}}}, ["YOLO"])
    assert max(bar.get_width() for bar in ax.patches) == 100
    assert [text.get_text()[:8] for text in ax.texts].count("to 190.0") == 1
    assert max(text.get_position()[0] for text in ax.texts) < ax.get_xlim()[1]


def test_ahead_is_said_of_who_is_ahead_in_every_run(results):
    said = {line[:22].strip() + line[22:55]: line for line in our_comparison.verdicts(results)}
    by_words = [" ".join(line.split()) for line in said.values()]
    assert "mAP SSD and YOLO mix 0.810 and 0.755" in by_words
    assert "mAP Faster R-CNN is ahead of SSD 0.810 and 0.900" in by_words
    assert "AP of small objects SSD and YOLO mix 0.500 and 0.500" in by_words
    assert not any("large" in line for line in by_words)  # there are none
    del results["runs"]["SSD|1"]
    assert "mAP SSD and YOLO mix" in " ".join(" ".join(our_comparison.verdicts(results)).split())  # 0.80 in between
    results["runs"]["YOLO|1"]["mAP"] = 0.75
    assert our_comparison.verdicts(results)[0].startswith("mAP                    SSD is ahead of YOLO")


def test_without_a_file_nothing_is_claimed(tmp_path):
    results = our_comparison.our_results(tmp_path / "none.json")
    assert our_comparison.accuracy_table(results) == our_comparison.cost_table(results) == our_comparison.MISSING
    assert our_comparison.verdicts(results) == [our_comparison.MISSING]
    _, axes = new_figure(1, 3)
    our_comparison.draw_ours(axes, results)
    assert [ax.texts[0].get_text().split(":")[0] for ax in axes] == ["not measured yet"] * 3


def test_our_runs_are_drawn_on_three_axes(results):
    _, axes = new_figure(1, 3, size=(15, 4.6))
    our_comparison.draw_ours(axes, results)
    assert all(ax.patches for ax in axes)
