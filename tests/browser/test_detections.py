"""What the page finds in photographs of every kind is what ``detect --json`` finds."""

import json

import pytest

from numpyssd import detect
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
        assert opened.at("#threshold output").inner_text().startswith("of the weights: cross 0.90, ellipse 0.20")
        assert opened.lines() == shown
