"""What the page finds in photographs of every kind is what ``detect --json`` finds."""

import json

import numpy as np
import pytest

from numpyssd import detect
from numpyssd.images.read import read_image
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model
from tests.browser.opened import Opened, write_page
from tests.browser.photographs import write_photographs

SCORE = 0.05


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    return write_photographs(tmp_path_factory.mktemp("photographs"))


def distance(one, other):
    """Return how far the scores of two detections are apart, and their boxes, in pixels."""
    return abs(one["score"] - other["score"]), max(abs(a - b) for a, b in zip(one["box"], other["box"]))


def same_detections(ours, theirs):
    """Return how far scores and boxes are apart; each of ours has one of theirs with its label, within the bounds."""
    left, worst = list(theirs), [0.0, 0.0]
    assert len(ours) == len(theirs)
    for one in ours:
        near = [
            (distance(one, other), number)
            for number, other in enumerate(left)
            if other["label"] == one["label"] and distance(one, other)[0] < 1e-3 and distance(one, other)[1] < 0.5
        ]
        assert near, (one, left)
        apart, number = min(near)
        worst = [max(a, b) for a, b in zip(worst, apart)]
        del left[number]
    return worst


def test_each_photograph_has_the_detections_of_the_command(tiny, photographs, capsys, tmp_path):
    assert len(photographs) >= 20
    words = [*map(str, photographs), "--weights", "tiny", "--score", str(SCORE), "--json", "--out", str(tmp_path)]
    assert detect.main(words) == 0
    theirs = {line["image"].rpartition("/")[2]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    tiny.give(*photographs)
    assert tiny.sentences() == []
    ours = {line["image"]: line for line in tiny.lines(percent=round(100 * SCORE))}
    assert ours.keys() == theirs.keys()
    total, worst = 0, [0.0, 0.0]
    for name, line in ours.items():
        assert (name, line["width"], line["height"]) == (name, theirs[name]["width"], theirs[name]["height"])
        worst = [max(a, b) for a, b in zip(worst, same_detections(line["detections"], theirs[name]["detections"]))]
        total += len(line["detections"])
    assert total > 3 * len(photographs)
    print(f"{total} detections: scores within {worst[0]:.1e}, boxes within {worst[1]:.2g} pixels")


def test_with_one_label_no_object_has_two(tiny, photographs, capsys, tmp_path):
    given = photographs[:8]
    words = [*map(str, given), "--weights", "tiny", "--json", "--out", str(tmp_path), "--one-label"]
    assert detect.main([*words, "--score", str(SCORE)]) == 0
    theirs = {line["image"].rpartition("/")[2]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    tiny.give(*given)
    of_each = tiny.lines(percent=round(100 * SCORE))
    tiny.at("#one-label input").check()
    tiny.wait()
    together = tiny.lines()
    for line in together:
        same_detections(line["detections"], theirs[line["image"]]["detections"])
    assert count(together) < count(of_each)
    tiny.at("#one-label label").click()
    tiny.wait()
    assert tiny.lines() == of_each


def test_with_one_label_the_thresholds_of_the_weights_say_which_class_a_box_stands_for(browser, photographs, tmp_path):
    """A default box whose best class is below its own threshold may stand for another class that is over its own."""
    thresholds = [0.99, 0.99, 0.01, 0.01, 0.02]
    model = load_model("tiny")
    path, image = write_page(tmp_path / "page.html", thresholds=thresholds), photographs[0]
    [(boxes, labels, scores)] = SSDDetector(model).detect([read_image(image)], 1, np.array(thresholds), one_label=True)
    with Opened(browser, path) as opened:
        opened.give(image)
        opened.at("#one-label input").check()
        opened.wait()
        found = opened.lines()[0]["detections"]
        assert [one["label"] for one in found] == [model.class_names[label - 1] for label in labels]
        np.testing.assert_allclose([one["box"] for one in found], boxes, atol=0.5)
        np.testing.assert_allclose([one["score"] for one in found], scores, atol=1e-3)
        opened.set_threshold(1)  # one for all classes
        opened.wait()
        assert opened.lines()[0]["detections"] != found
        [(boxes, labels, _)] = SSDDetector(model).detect([read_image(image)], 1, 0.01, one_label=True)
        assert opened.at("#found button").count() == len(labels)


def count(lines):
    """Return how many detections all lines have."""
    return sum(len(line["detections"]) for line in lines)


def test_the_threshold_starts_where_the_command_starts(browser, photographs, tmp_path):
    thresholds = [0.9, 0.2, 0.7, 0.35, 0.55]
    with Opened(browser, write_page(tmp_path / "page.html", thresholds=thresholds)) as opened:
        opened.give(*photographs[:8])
        shown, every = opened.lines(), opened.lines(percent=1)
        assert opened.at("#threshold output").inner_text() == "0.01"
        names = json.loads(opened.at("#model").text_content())["class_names"]
        limit = dict(zip(names, thresholds))
        for line, all_of_it in zip(shown, every):
            over = [found for found in all_of_it["detections"] if found["score"] > limit[found["label"]]]
            assert line["detections"] == over
        opened.at("#threshold button").click()
        assert opened.at("#threshold output").inner_text().startswith("each class its own, cross 0.90, ellipse 0.20")
        assert opened.lines() == shown
