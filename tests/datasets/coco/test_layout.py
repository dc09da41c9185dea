"""Where the files and images of exports are; the layouts are those of the pages named at each."""

import json

import pytest
from PIL import Image

from numpyssd.datasets.coco import layout
from numpyssd.errors import InputError


def export(root, file, images, name="{}.png"):
    """Write a COCO file of two images of 30 x 20 pixels, each with one object."""
    entries = []
    (root / images).mkdir(parents=True, exist_ok=True)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        Image.new("RGB", (30, 20)).save(root / images / f"{number}.png")
        entries.append({"id": number, "file_name": name.format(number), "width": 30, "height": 20})
    annotations = [{"id": n, "image_id": n, "category_id": 1, "bbox": [2, 3, 10, 5]} for n in (1, 2)]
    content = {"images": entries, "annotations": annotations, "categories": [{"id": 1, "name": "bolt"}]}
    (root / file).write_text(json.dumps(content))
    return root


def loads(root, split):
    data = layout.load(root, split, None, False, "error")
    return len(data) == 2 and data.issues == [] and data[1][1].tolist() == [[2, 3, 12, 8]]


WITHOUT_SPLITS = [
    ("result.json", "images", "images/{}.png"),  # Label Studio: label_studio_converter/converter.py, convert_to_coco
    ("result.json", "images", "images\\{}.png"),  # on Windows: github.com/HumanSignal/label-studio/issues/7294
    ("annotations/instances_default.json", "images/default", "{}.png"),  # CVAT: docs.cvat.ai, formats/format-coco
    ("annotations/instances_default.json", "images", "{}.png"),
    ("labels.json", "data", "{}.png"),  # FiftyOne: docs.voxel51.com, COCODetectionDataset
    ("_annotations.coco.json", ".", "{}.png"),
    ("annotations/pets.json", "JPEGImages", "{}.png"),
    ("annotations.json", "Images", "{}.png"),
    ("json/all.json", "img", "img/{}.png"),
]


@pytest.mark.parametrize(("file", "images", "name"), WITHOUT_SPLITS)
def test_one_file_without_a_split_is_the_whole_folder(tmp_path, file, images, name):
    export(tmp_path, file, images, name)
    assert layout.recognizes(tmp_path)
    assert layout.split_names(tmp_path) == set()
    assert loads(tmp_path, None)
    assert not layout.has_split(tmp_path, "train")
    if "default" in file:
        assert layout.has_split(tmp_path, "default")
        assert loads(tmp_path, "default")


SPLITS = [
    ("{}/_annotations.coco.json", "{}"),  # Roboflow
    ("annotations/instances_{}2017.json", "{}2017"),
    ("annotations/pets_{}.json", "images/{}"),
    ("annotations/pets_{}.json", "{}"),
    ("annotations/{}.json", "Images/{}"),
    ("Annotations/{}-pets.json", "images"),
    ("{}.json", "{}"),
    ("labels/{}.json", "images/{}"),
    ("{}/annotations.json", "{}/images"),
    ("{}/labels.json", "{}/data"),  # FiftyOne, one folder a split
]


@pytest.mark.parametrize(("file", "images"), SPLITS)
def test_splits_are_called_by_their_names(tmp_path, file, images):
    for split in ("train", "valid"):
        export(tmp_path, file.format(split), images.format(split))
    assert layout.recognizes(tmp_path)
    assert layout.split_names(tmp_path) == {"train", "valid"}
    assert loads(tmp_path, "train")
    assert loads(tmp_path, "valid")
    if images != "images":
        assert layout.image_folder(tmp_path, "train").samefile(tmp_path / images.format("train"))
    together = layout.load(tmp_path, None, None, False, "error")
    assert len(together) == 4
    with pytest.raises(InputError, match="no annotations of the split 'test'"):
        layout.load(tmp_path, "test", None, False, "error")


@pytest.mark.parametrize(
    ("file", "others"),
    [
        ("train/_annotations.coco.json", ["train/a.json"]),
        ("train/_annotations.coco.json", ["all.json", "train/a.json", "train/b.json"]),
        ("train/annotations.json", ["train/annotations_old.json"]),
        ("train/labels.json", ["train/a.json", "train/b.json", "train/c.json"]),
        ("annotations/instances_train.json", ["all.json"]),
    ],
)
def test_other_files_of_coco_are_not_read_and_named(tmp_path, file, others):
    for name in (file, file.replace("train", "valid")):
        export(tmp_path, name, "train" if "train" in name else "valid")
    for name in others:
        export(tmp_path, name, "train")
    (tmp_path / file).with_name("notes.json").write_text('{"categories": []}')
    (tmp_path / file).with_name("captions_train.json").write_text((tmp_path / file).read_text())
    data = layout.load(tmp_path, "train", None, False, "error")
    assert (len(data), data.json) == (2, tmp_path / file)
    words = f"{', '.join(others)} hold{'s' * (len(others) == 1)} annotations of COCO too; only this file is read"
    assert [str(issue) for issue in data.issues] == [f"{tmp_path / file}: {words}"]
    valid = layout.load(tmp_path, "valid", None, False, "error")
    assert [issue.sentence.split()[0] for issue in valid.issues] == ["all.json"] * ("all.json" in others)


def test_files_in_a_folder_of_a_split_that_might_each_be_meant(tmp_path):
    for name in ("a", "b"):
        export(tmp_path, f"train/{name}.json", "train")
    with pytest.raises(InputError, match=r"\(train/a.json, train/b.json\); keep one of them there"):
        layout.load(tmp_path, "train", None, False, "error")


def test_files_of_one_split_keep_their_names(tmp_path):
    for name in ("instances_val2014", "instances_val2017", "instances_train2017"):
        export(tmp_path, f"annotations/{name}.json", "images")
    assert layout.split_names(tmp_path) == {"val2014", "val2017", "train"}


@pytest.mark.parametrize(
    "text",
    [
        '{"categories": [{"id": 0, "name": "bolt"}], "info": {}}',  # notes.json of Label Studio's YOLO export
        '{"version": "5.4", "shapes": [], "imagePath": "a.png", "imageData": null}',  # LabelMe
        '[{"image_id": 1}]', '{"name": "project", "assets": {}}', "[", "", '"images": [',
    ],
)  # fmt: skip
def test_other_json_files_are_no_coco(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert not layout.recognizes(tmp_path)


def test_a_folder_with_a_file_for_each_image_is_not_searched(tmp_path):
    export(tmp_path, "labels/1.json", "labels")
    for k in range(2, 5):
        (tmp_path / f"labels/{k}.json").write_text((tmp_path / "labels/1.json").read_text())
    assert not layout.recognizes(tmp_path)
    assert not layout.recognizes(tmp_path / "nowhere")
