"""Data whose every object stands for a crowd: training leaves those out, and says so before and after."""

import json

import pytest
from PIL import Image

from numpyssd.datasets.checks.all_splits import check
from numpyssd.datasets.checks.objects import nothing_to_learn
from numpyssd.datasets.loading import load_dataset

WORDS = "to train on: those there stand for crowds (iscrowd is 1), which training leaves out, so there is nothing"


def crowds(root, file, counts=(1, 1)):
    """Write a COCO file of two images of 30 x 20 pixels; counts: iscrowd of the object in each."""
    entries, annotations = [], []
    for number, crowd in enumerate(counts, start=1):
        Image.new("RGB", (30, 20), (number, 0, 0)).save(root / f"{number}.png")
        entries.append({"id": number, "file_name": f"{number}.png", "width": 30, "height": 20})
        box = {"bbox": [2, 3, 10, 5], "iscrowd": crowd}
        annotations.append({"id": number, "image_id": number, "category_id": 1, **box})
    content = {"images": entries, "annotations": annotations, "categories": [{"id": 1, "name": "bolt"}]}
    (root / file).write_text(json.dumps(content))
    return root


@pytest.mark.parametrize("file", ["train.json", "all.json"])
def test_crowds_alone_are_nothing_to_learn_from(tmp_path, file):
    crowds(tmp_path, file)
    train = load_dataset(tmp_path, "train", training=True)
    assert WORDS in nothing_to_learn(train, "it")
    checked = next(check(tmp_path))
    assert any(WORDS in issue.sentence for issue in checked.issues)
    assert any("2 objects stand for a crowd (iscrowd is 1); training leaves" in str(one) for one in checked.warnings)


@pytest.mark.parametrize("file", ["train.json", "all.json"])
def test_some_crowds_are_a_warning(tmp_path, file):
    crowds(tmp_path, file, (0, 1))
    train = load_dataset(tmp_path, "all" if file == "all.json" else "train", training=True)
    assert nothing_to_learn(train, "it") is None
    checked = next(check(tmp_path))
    assert checked.issues == []
    assert any("1 object stands for a crowd (iscrowd is 1); training leaves" in str(one) for one in checked.warnings)


def test_without_crowds_nothing_is_said_of_them(tmp_path):
    train = load_dataset(crowds(tmp_path, "train.json", (0, 0)), "train", class_names=["bolt"], training=True)
    assert train.issues == []
    assert not any("crowd" in str(one) for one in next(check(tmp_path)).warnings)
