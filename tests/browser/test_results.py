"""What the page saves: the label files that ``detect --save-labels`` writes, read back by our own readers."""

import io
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from numpyssd.cli.save_labels import LabelFiles
from numpyssd.datasets.loading import load_all
from numpyssd.images.read import read_image
from numpyssd.reports.annotate import enlargement
from tests.browser.opened import expect, unzipped
from tests.browser.photographs import scenes

NAMES = ("a.v2 <1>.png", "B & c.png", "한글.png")


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, image in zip(NAMES, scenes(4)[1:]):
        image.save(folder / name)
    return [folder / name for name in NAMES]


def saved(opened, kind, folder):
    """Save the results of all photographs into a folder; return the names of the files."""
    name, content = opened.save(kind)
    files = unzipped(content) if name.endswith(".zip") else {name: content}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


@pytest.mark.parametrize(("kind", "tolerance"), [("voc", 0.51), ("yolo", 0.006), ("coco", 0.011), ("labelme", 0.011)])
def test_our_own_readers_read_them_beside_the_images(kind, tolerance, tiny, images):
    tiny.give(*images)
    tiny.set_threshold(20)
    lines = {line["image"]: line for line in tiny.lines()}
    saved(tiny, kind, images[0].parent)
    dataset = load_all(images[0].parent)
    assert [str(issue) for issue in dataset.issues if not issue.is_warning] == []
    assert len(dataset) == 3
    for i in range(3):
        line = lines[dataset.image_path(i).name]
        sample = dataset[i]
        assert sample.image.shape[1::-1] == (line["width"], line["height"])
        boxes = np.array([found["box"] for found in line["detections"]]).reshape(-1, 4)
        np.testing.assert_allclose(sample.boxes, boxes, atol=tolerance)
        names = [dataset.class_names[label - 1] for label in sample.labels]
        assert names == [found["label"] for found in line["detections"]] != []


@pytest.mark.parametrize("kind", ["voc", "yolo", "coco", "labelme"])
def test_they_are_the_files_of_the_command(kind, hostile, images, tmp_path):
    hostile.give(*images)
    hostile.set_threshold(20)
    lines, names = hostile.lines(), json.loads(hostile.at("#model").text_content())["class_names"]
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    ours.mkdir()
    labels = LabelFiles(kind, theirs, {path: path.relative_to(path.parent) for path in images}, names)
    for path, line in zip(images, lines):
        found = line["detections"]
        boxes = np.array([one["box"] for one in found], np.float64).reshape(-1, 4)
        numbers = [names.index(one["label"]) + 1 for one in found]
        labels.add(path, (line["width"], line["height"]), boxes, numbers, [one["score"] for one in found])
    labels.close()
    saved(hostile, kind, ours)
    assert sorted(path.name for path in ours.iterdir()) == sorted(path.name for path in theirs.iterdir())
    assert sum(len(line["detections"]) for line in lines) > 5
    for path in ours.iterdir():
        if kind == "coco":
            mine, yours = (json.loads(x.read_text(encoding="utf-8")) for x in (path, theirs / path.name))
            assert mine["images"] == yours["images"]
            assert mine["categories"] == yours["categories"]
            assert same_but_for_rounding(mine["annotations"], yours["annotations"])
        elif kind == "labelme":
            mine, yours = (json.loads(x.read_text(encoding="utf-8")) for x in (path, theirs / path.name))
            yours["imagePath"] = yours["imagePath"].rpartition("/")[2]  # ours lies beside its image
            for one, other in zip(mine["shapes"], yours["shapes"], strict=True):
                np.testing.assert_allclose(one.pop("points"), other.pop("points"), atol=0.011)
            assert mine == yours
        elif kind == "yolo" and path.name != "classes.txt":
            mine, yours = (np.loadtxt(x, ndmin=2) for x in (path, theirs / path.name))
            np.testing.assert_allclose(mine, yours, atol=1e-4)
        else:
            assert path.read_bytes() == (theirs / path.name).read_bytes()


def same_but_for_rounding(ours, theirs):
    """The page knows more decimals of a box than the two that the JSON has, from which theirs were made."""
    for one, other in zip(ours, theirs, strict=True):
        a, b = ([*x.pop("bbox"), x.pop("score")] for x in (one, other))
        np.testing.assert_allclose(a, b, atol=0.011)
        assert one.pop("area") == pytest.approx(other.pop("area"), rel=0.01)
    return ours == theirs


def test_a_label_file_of_one_photograph(tiny, images):
    tiny.give(images[1])
    name, content = tiny.save("voc", every=False)
    assert name == "B & c.xml"
    assert ET.fromstring(content).findtext("filename") == "B & c.png"
    name, content = tiny.save("yolo", every=False)
    assert name == "B & c.zip"
    assert list(unzipped(content)) == ["B & c.txt", "classes.txt"]
    name, content = tiny.save("json", every=False)
    assert (name, json.loads(content)["image"]) == ("B & c.json", "B & c.png")


def test_two_photographs_of_one_name_do_not_share_a_file(tiny, images):
    tiny.give(images[0])
    tiny.give(images[0])
    tiny.wait()
    assert [line["image"] for line in tiny.lines()] == ["a.v2 <1>.png", "a.v2 <1>-2.png"]
    assert list(unzipped(tiny.save("voc")[1])) == ["a.v2 <1>.xml", "a.v2 <1>-2.xml"]


def test_a_photograph_that_would_take_the_name_of_the_list_of_classes_is_refused(tiny, images):
    path = images[0].with_name("Classes.png")
    path.write_bytes(images[0].read_bytes())
    tiny.give(path)
    tiny.at("#format").select_option("yolo")
    tiny.at("#saving .one").click()
    expect(tiny.at("#notice")).to_contain_text(
        "two files would have the name classes.txt; give that photograph another"
    )


def test_the_images_have_boxes_where_the_detections_are(tiny, images):
    tiny.give(*images)
    lines, files = tiny.lines(), unzipped(tiny.save("png")[1])
    assert len(files) == 3
    for path, line, content in zip(images, lines, files.values()):
        drawn, image = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), read_image(path)
        factor = enlargement(image.shape[1], image.shape[0])
        plain = np.repeat(np.repeat(image, factor, 0), factor, 1)
        assert drawn.shape == plain.shape
        changed = (drawn != plain).any(axis=2)
        assert line["detections"]
        for found in line["detections"]:
            x1, y1, x2, y2 = (round(factor * value) for value in found["box"])
            left, top = min(x1 + 1, x2 - 1), min(y1 + 1, y2 - 1)
            edges = changed[y1:y2, left], changed[y1:y2, x2 - 2], changed[top, x1:x2], changed[y2 - 2, x1:x2]
            assert min(edge.mean() for edge in edges) > 0.9
        assert changed.mean() < 0.5
