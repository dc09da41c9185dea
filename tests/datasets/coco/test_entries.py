"""What tools write otherwise than COCO does, and means the same: read, and said once."""

import json

import pytest
from PIL import Image

from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.issues import BadData
from numpyssd.errors import InputError


class File:
    """A COCO file of two images with two objects each, of the classes bolt and nut."""

    def __init__(self, path):
        self.path = path
        for name in ("a.png", "b.png"):
            Image.new("RGB", (30, 20)).save(path / name)
        self.images = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}]
        self.categories = [{"id": 1, "name": "bolt"}, {"id": 2, "name": "nut"}]
        self.annotations = [
            {"id": 10 * i + c, "image_id": i, "category_id": c, "bbox": [2, 3, 10, 5]} for i in (1, 2) for c in (1, 2)
        ]

    def each(self, **changes):
        for annotation in self.annotations:
            annotation.update({key: change(annotation) for key, change in changes.items()})
        return self

    def open(self, **options):
        lists = {name: getattr(self, name) for name in ("images", "categories", "annotations")}
        (self.path / "x.json").write_text(json.dumps(lists))
        return COCODataset(self.path / "x.json", self.path, **options)

    def notes(self, **options):
        """Return what is said about the file, which must be read whole."""
        data = self.open(**options)
        assert data.class_names == ("bolt", "nut")
        assert [data.annotation(i).boxes.tolist() for i in (0, 1)] == [[[2, 3, 12, 8]] * 2] * 2
        assert [data.annotation(i).labels.tolist() for i in (0, 1)] == [[1, 2]] * 2
        assert all(issue.is_warning for issue in data.issues)
        return [str(issue).partition(": ")[2] for issue in data.issues]


@pytest.fixture
def file(tmp_path):
    return File(tmp_path)


def test_whole_numbers_with_a_point(file):
    for entry in (*file.images, *file.categories, *file.annotations):
        entry.update({key: float(value) for key, value in entry.items() if key.endswith("id")})
    assert file.notes() == []


def test_whole_numbers_as_texts(file):
    for category in file.categories:
        category["id"] = str(category["id"])
    file.each(category_id=lambda a: str(a["category_id"]))
    assert file.notes() == ["'id' must be a whole number, not '1' (the first of 6); it is taken for 1"]
    file.each(image_id=lambda a: str(a["image_id"]))
    assert len(file.notes()) == 1
    assert file.open().category_ids == (1, 2)


def test_ids_of_images_that_are_texts_stay_texts(file):
    for image in file.images:
        image["id"] = f"000{image['id']}"
    file.each(image_id=lambda a: f"000{a['image_id']}")
    assert file.notes() == []
    assert file.open().image_ids == ("0001", "0002")


def test_names_that_are_numbers_or_have_blanks_around_them(file):
    file.categories[0]["name"], file.categories[1]["name"] = " bolt", "nut\n"
    assert file.notes() == []
    file.categories[0]["name"], file.categories[1]["name"] = 1, 2
    data = file.open()
    assert data.class_names == ("1", "2")
    assert str(data.issues[0]).endswith("'name' must be a text, not 1 (the first of 2); it is taken for '1'")


def test_annotations_without_ids(file):
    for annotation in file.annotations:
        del annotation["id"]
    assert file.notes() == ["no annotation has an 'id'; they are numbered from 0, as they stand in the file"]
    file.annotations[2]["bbox"] = [2, 3, 0, 5]
    with pytest.raises(BadData, match="annotation 2, box"):
        file.open()
    file.annotations[0]["id"] = 5  # some have one: the file is broken
    with pytest.raises(BadData, match="annotation number 1 .*has no key 'id'.*first of 3"):
        file.open()


def test_outlines_without_boxes(file):
    polygon = [[2, 3, 12, 3, 12, 8, 2, 8]]
    file.each(segmentation=lambda a: polygon)
    for annotation, empty in zip(file.annotations, ("none", None, [], "none")):
        annotation.pop("bbox")
        if empty != "none":
            annotation["bbox"] = empty
    counts = [43, *[5, 15] * 9, 5, 372]  # columns 2 to 11, rows 3 to 7
    file.annotations[3]["segmentation"] = {"counts": counts, "size": [20, 30]}
    assert file.notes() == [
        "annotation 11: it has an outline and no 'bbox' (the first of 4); the box around the outline is taken"
    ]
    file.annotations[1]["segmentation"] = []
    with pytest.raises(BadData, match="annotation 12.*'bbox' must be a list, not None"):
        file.open()


def test_a_box_comes_before_an_outline(file):
    assert file.each(segmentation=lambda a: [[0, 0, 29, 0, 29, 19]]).notes() == []


def test_scores_and_turned_boxes_are_noted(file):
    file.each(score=lambda a: 0.9, attributes=lambda a: {"occluded": False, "rotation": 0.0})
    assert file.notes() == [
        "annotations have a 'score', as detections have (the first of 4); they are taken for ground truth"
    ]
    file.each(attributes=lambda a: {"rotation": 30.0 * (a["id"] == 12)})
    assert file.notes()[1] == "annotation 12: its box is turned ('rotation'); it is taken as if it were upright"


def test_iscrowd_may_be_null(file):
    assert file.each(iscrowd=lambda a: None).notes() == []


# ---- categories ------------------------------------------------------------------------------------------------------


def test_the_root_category_of_roboflow_with_the_name_of_the_class(file):
    """It has the id 0 and no objects; a project that is called like its class gives two categories of one name."""
    file.categories.insert(0, {"id": 0, "name": "bolt", "supercategory": "none"})
    assert file.notes() == ["category 1: it has the same name 'bolt' as 0; they are taken for one class"]
    assert file.open(class_names=("nut", "bolt"))[0][2].tolist() == [2, 1]


def test_two_ids_of_one_name_that_both_have_objects(file):
    file.categories.append({"id": 3, "name": "bolt "})
    file.annotations[2]["category_id"] = 3
    assert file.notes() == ["category 3: it has the same name 'bolt' as 1; they are taken for one class"]


def test_why_nothing_can_be_used_is_said(file):
    for category in file.categories:
        category["id"] = [category["id"]]
    with pytest.raises(BadData, match=r"none of its categories can be used: .*'id' must be a whole number, not \[1\]"):
        file.open()
    file.categories = [{"id": 1, "name": "background"}]
    with pytest.raises(InputError, match="no category but the background"):
        file.open(bad_data="skip")


def test_a_file_of_detections_is_called_one(file):
    (file.path / "x.json").write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1}]))
    with pytest.raises(InputError, match="but a list, as files of detections do"):
        COCODataset(file.path / "x.json", file.path)


def test_where_images_were_looked_for_is_said_if_none_is_there(file):
    for image in file.images:
        (file.path / image["file_name"]).unlink()
    with pytest.raises(BadData, match=r"none of its images, looked for in \S+, can be used: .*a\.png does not exist"):
        file.open(bad_data="skip")


def test_two_names_that_lead_to_one_image(file):
    """Where folders were lost: the second would have the boxes of another photograph."""
    file.images[1]["file_name"], file.images[0]["file_name"] = "day2/a.png", "day1/a.png"
    with pytest.raises(BadData, match=r"image 2: .*a\.png is the image of 1 already"):
        file.open()
    assert len(file.open(bad_data="skip")) == 1
