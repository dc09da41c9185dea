"""The category above the classes that Roboflow writes, and categories that only look like it."""

import json

import pytest
from exports import roboflow
from exports.pictures import NAMES

from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.coco.root_category import root_category
from numpyssd.datasets.loading import load_dataset

ROOT = {"id": 0, "name": "hardware", "supercategory": "none"}
BOLT = {"id": 1, "name": "bolt", "supercategory": "hardware"}
NUT = {"id": 2, "name": "nut", "supercategory": "hardware"}
NAMESAKE = {"id": 1, "name": "hardware", "supercategory": "hardware"}


def of(category):
    return {"category_id": category["id"]}


@pytest.mark.parametrize(
    ("categories", "annotations", "expected"),
    [
        ([ROOT, BOLT, NUT], [of(BOLT)], ROOT),
        ([BOLT, NUT, {**ROOT, "id": 7}], [of(BOLT)], {**ROOT, "id": 7}),
        ([ROOT, BOLT, NUT], [of(BOLT), of(ROOT)], None),
        ([ROOT, NAMESAKE, NUT], [of(NUT)], None),
        ([ROOT, BOLT, {**NUT, "supercategory": "none"}], [of(BOLT)], None),
        ([ROOT, BOLT, {"id": 2, "name": "nut"}], [of(BOLT)], None),
        ([{**ROOT, "supercategory": ""}, BOLT], [of(BOLT)], None),
        ([{**ROOT, "supercategory": "hardware"}, BOLT], [of(BOLT)], None),
        ([ROOT], [], None),
        ([], [], None),
    ],
)
def test_what_is_a_root(categories, annotations, expected):
    assert root_category(categories, annotations) == expected


def test_the_root_is_no_class_and_a_warning_says_so(tmp_path):
    roboflow.coco_json(tmp_path)
    for split, count in (("train", 4), ("valid", 1), ("test", 1)):
        data = load_dataset(tmp_path, split)
        assert (data.class_names, data.category_ids, len(data)) == (tuple(sorted(NAMES)), (1, 2), count)
        sentence = "category 0 'hardware' has no object and is the root of the others; it is no class"
        assert [str(issue) for issue in data.issues] == [f"{data.json}: {sentence}"]
    older = load_dataset(tmp_path, "train", class_names=["hardware", *sorted(NAMES)])  # of a network that has it
    assert (older.category_ids, older.issues) == ((0, 1, 2), [])


def test_a_class_with_the_name_of_the_root_stays(tmp_path):
    roboflow.coco_json(tmp_path)
    path = tmp_path / "train/_annotations.coco.json"
    content = json.loads(path.read_text())
    content["categories"][1]["name"] = "hardware"
    path.write_text(json.dumps(content))
    assert COCODataset(path, path.parent).class_names == ("hardware", "nut")
