"""validation.json and the opening of report.html: examples, the round trip, files of anybody, and the words."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from numpyssd.config import TINY
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.errors import InputError
from numpyssd.inference.evaluation.measurement import measure
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.reports import report
from numpyssd.reports.report import write_report
from numpyssd.reports.results.examples import SIDE, right_examples, wrong_examples
from numpyssd.reports.results.overview import headline
from numpyssd.reports.results.uncovered import uncovered_by_class
from numpyssd.reports.results.validation import Validation, read_validation, validation_of, write_validation
from numpyssd.run.folder import VALIDATION

COUNTS = dict(zip(CLASS_NAMES, (100, 90, 5, 80, 0)))


@pytest.fixture(scope="module")
def dataset():
    return ShapesDataset(30, 96)


@pytest.fixture(scope="module")
def measured(dataset):
    return measure(*simulate_detector(30), dataset, resamples=50)


@pytest.fixture(scope="module")
def validation(measured, dataset):
    return validation_of(measured, dataset, "val", TINY, COUNTS)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "blue").save(buffer, format="PNG")
    monkeypatch.setattr(report, "curves_png", lambda *_: buffer.getvalue())


def test_ten_right_of_all_classes_and_images_and_ten_wrong(measured, dataset):
    right, wrong = right_examples(measured, dataset), wrong_examples(measured, dataset)
    assert len(right) == len(wrong) == 10
    assert [one.title.split()[0] for one in right[:5]] == list(CLASS_NAMES)  # the classes in turn
    assert len({one.image for one in right}) == 10
    assert all(re.fullmatch(r"found: IoU (0\.[5-9]\d|1\.00)", one.text) for one in right)
    assert not any(one.text.startswith("found") for one in wrong)
    for example in (*right, *wrong):
        with Image.open(io.BytesIO(example.jpeg)) as picture:
            assert picture.format == "JPEG"
            assert max(picture.size) == SIDE
    assert right_examples(measured, dataset) == right  # drawn at random, but the same again
    assert len(right_examples(measured, dataset, 3)) == 3


def test_fewer_than_ten_are_all_there_are():
    box, image = [[2, 2, 12, 12]], np.zeros((20, 40, 3), np.uint8)
    data = AnnotatedImages(["x"], [image], [Annotation.of(box, [1])])
    found = [(np.array(box, float), np.array([1]), np.array([0.9]))]
    measured = measure(found, [data.annotation(0)[:3]], data, resamples=0)
    (one,) = right_examples(measured, data)
    assert (one.title, one.text, one.image) == ("x 0.90", "found: IoU 1.00", "image 0")
    assert wrong_examples(measured, data) == []


def test_it_comes_back_as_it_was_written(validation, tmp_path):
    write_validation(tmp_path, validation)
    again = read_validation(tmp_path)
    assert again.right == validation.right
    assert again.wrong == validation.wrong
    assert json.dumps(again.confusion) == json.dumps(validation.confusion)
    for ours, theirs in zip(again.classes, validation.classes):
        assert (ours.name, ours.errors, ours.taken_for, ours.train_objects) == (
            theirs.name, theirs.errors, theirs.taken_for, theirs.train_objects
        )  # fmt: skip
        assert (ours.ap, ours.low, ours.score) == pytest.approx((theirs.ap, theirs.low, theirs.score), nan_ok=True)
    json.loads((tmp_path / VALIDATION).read_text(), parse_constant=pytest.fail)  # NaN is no JSON


def test_a_file_that_is_damaged_or_made_up_is_no_file(validation, tmp_path):
    assert read_validation(tmp_path) is None
    write_validation(tmp_path, validation)
    whole = json.loads((tmp_path / VALIDATION).read_text())
    row = whole["classes"][0]
    damaged = [
        [], {}, 5, None, whole | {"mean": "high"}, whole | {"images": []}, whole | {"classes": [row | {"ap": True}]},
        whole | {"classes": [{}]}, whole | {"classes": 5}, whole | {"right": [{"title": "a"}]}, whole | {"low": 1e999},
        whole | {"right": [whole["right"][0] | {"jpeg": "<script>"}]}, whole | {"confusion": [[1, 2], [3]]},
        whole | {"confusion": [["a"] * 6] * 6}, whole | {"classes": [row | {"errors": {}}]},
    ]  # fmt: skip
    for content in damaged:
        (tmp_path / VALIDATION).write_text(json.dumps(content))
        assert read_validation(tmp_path) is None, content
    (tmp_path / VALIDATION).write_bytes(b"\xff{")
    assert read_validation(tmp_path) is None
    assert "The training" not in write_report(tmp_path).read_text()
    (tmp_path / VALIDATION).unlink()
    (tmp_path / VALIDATION).mkdir()
    with pytest.raises(InputError, match="validation.json cannot be written"):
        write_validation(tmp_path, validation)


def test_missed_objects_that_the_default_boxes_cannot_cover():
    image = np.zeros((96, 96, 3), np.uint8)
    boxes = [[10, 10, 13, 13], [40, 40, 90, 90], [20, 60, 23, 63]]  # 3 pixels of 96, and 50
    data = AnnotatedImages(["a", "b"], [image], [Annotation.of(boxes, [1, 1, 2])])
    nothing = [(np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))]
    measured = measure(nothing, [data.annotation(0)[:3]], data, resamples=0)
    assert uncovered_by_class(measured, data, TINY) == [1, 1]
    assert validation_of(measured, data, "val", TINY).classes[0].train_objects is None


def test_the_page_opens_with_what_a_person_needs(validation, tmp_path):
    write_validation(tmp_path, validation)
    (tmp_path / "config.json").write_text(json.dumps({"result": {"mAP": 0.5, "per_class": {"cross": 0.5}}}))
    text = write_report(tmp_path).read_text(encoding="utf-8")
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings[:7] == [
        "What to do next", "Use it", "Classes", "Right", "Wrong", "What is taken for what", "The training"
    ]  # fmt: skip
    assert headings.count("Classes") == 1
    opening = text[: text.index("The training")]
    assert f"<b>{validation.mean:.3f}</b>" in opening
    assert f"on 30 val images, from 0 to 1; on other images of the kind {validation.low:.2f} to" in opening
    assert "numpyssd.detect IMAGE_OR_FOLDER --weights" in opening
    assert "Boxes are shown from the best score of their class on" in opening
    assert opening.count("<figure>") == opening.count("data:image/jpeg;base64,") == 20
    rows = re.findall(r"<tr><td>(\w+)</td>", opening)
    known = {one.name: one.ap for one in validation.classes}
    assert rows == sorted(known, key=known.get)  # the worst first
    assert opening.count('class="share"') == sum(count > 0 for row in validation.confusion for count in row)
    assert len(re.findall("<li>", opening)) == 2
    assert "script" not in text


def test_names_are_escaped_and_many_classes_have_no_matrix(tmp_path):
    evil = "<script>&'\""
    names = [evil, *(f"class {n}" for n in range(49))]
    data = AnnotatedImages(names, [np.zeros((20, 20, 3), np.uint8)], [Annotation.of([[0, 0, 9, 9]], [1])])
    found = [(np.array([[0, 0, 9.0, 9]]), np.array([2]), np.array([0.9]))]
    measured = measure(found, [data.annotation(0)[:3]], data, resamples=0)
    write_validation(tmp_path, validation_of(measured, data, evil, TINY, {}))
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "What is taken for what" not in text
    assert "too few objects to find a better one" in text


@pytest.mark.parametrize("images", [1, 2, 9, 10])
def test_the_headline_says_when_the_interval_means_little(images):
    text = headline(Validation("val", images, 0.5, 0.4, 0.6, [], None, [], []))
    assert (f"{images} val images," in text) == (images > 1)
    assert ("of so few images this means little" in text) == (images < 10)
    assert "means little" not in headline(Validation("val", images, 0.5, None, None, [], None, [], []))


def test_no_objects_and_no_detections(tmp_path):
    data = AnnotatedImages(["x"], [np.zeros((20, 20, 3), np.uint8)], [Annotation.of([], [])])
    nothing = [(np.zeros((0, 4)), np.zeros(0, int), np.zeros(0))]
    measured = measure(nothing, [data.annotation(0)[:3]], data)
    write_validation(tmp_path, validation_of(measured, data, "val", TINY, {"x": 3}))
    text = write_report(tmp_path).read_text(encoding="utf-8")
    assert "no mAP: no object that counts on 1 val image<" in text
    assert "choose others with <code>--val-split</code>" in text
    assert text.count("None.") == 2
