import json
import os

import pytest
from exports import desktop
from exports.pictures import save_picture, write

from numpyssd.datasets.issues import BadData
from numpyssd.datasets.labelme import LabelMeDataset, layout
from numpyssd.datasets.labelme.writer import annotation_json
from numpyssd.datasets.layouts import layout_of, splits_of
from numpyssd.datasets.loading import load_dataset
from numpyssd.errors import InputError


def shape(label="nut", points=((4, 6), (24, 30)), kind="rectangle", **more):
    return {"label": label, "points": [list(p) for p in points], "shape_type": kind, "group_id": None, **more}


def one(root, *shapes, stem="a", image="{}.jpg", **more):
    """Write one picture of 64 x 48 pixels with a JSON file beside it."""
    save_picture(root / f"{stem}.jpg", 0)
    content = {"version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": image.format(stem)}
    write(root / f"{stem}.json", {**content, "imageData": None, "imageHeight": 48, "imageWidth": 64, **more})
    return root


def warnings_of(data):
    return [issue.sentence for issue in data.issues if issue.is_warning]


@pytest.mark.parametrize(
    ("item", "box", "note"),
    [
        (shape(points=((24, 30), (4, 6))), (4, 6, 24, 30), None),
        (shape(points=((4, 30), (24, 6))), (4, 6, 24, 30), None),
        (shape(points=((4, 6), (24, 6), (24, 30), (4, 30))), (4, 6, 24, 30), None),  # X-AnyLabeling
        (shape(points=((10, 4), (30, 12), (20, 40)), kind="polygon"), (10, 4, 30, 40), "1 shape of the type polygon"),
        (shape(points=((30, 20), (33, 24)), kind="circle"), (25, 15, 35, 25), "1 shape of the type circle"),
        (shape(points=((5, 5), (9, 9)), kind="mask", mask="iVBOR"), (5, 5, 9, 9), None),
        (shape(points=((20, 4), (36, 20), (20, 36), (4, 20)), kind="rotation"), (4, 4, 36, 36), "1 shape of the type"),
        (shape(points=((10, 4), (30, 12), (20, 40)), kind=None), (10, 4, 30, 40), "1 shape of the type polygon"),
    ],
)
def test_the_box_of_each_kind_of_shape(tmp_path, item, box, note):
    data = LabelMeDataset(one(tmp_path, item))
    assert data[0].boxes.tolist() == [list(box)]
    assert len(warnings_of(data)) == (note is not None)
    assert note is None or warnings_of(data)[0].startswith(note)


def test_points_and_lines_are_passed_over_and_said_once(tmp_path):
    line = shape(points=((1, 1), (9, 9)), kind="line")
    one(tmp_path, shape(), line, line, shape("dot", points=((3, 3),), kind="point"))
    data = LabelMeDataset(tmp_path)
    assert (data.class_names, len(data[0].boxes)) == (("nut",), 1)
    assert warnings_of(data) == ["2 shapes of the type line", "1 shape of the type point"]


def test_shapes_of_one_group_and_label_are_one_object(tmp_path):
    parts = [shape(points=((2, 2), (10, 10)), group_id=7), shape(points=((20, 5), (30, 40)), group_id=7)]
    others = [shape("bolt", group_id=7), shape(points=((40, 20), (50, 30)), group_id=8)]
    data = LabelMeDataset(one(tmp_path, *parts, *others))
    assert data[0].boxes.tolist() == [[2, 2, 30, 40], [4, 6, 24, 30], [40, 20, 50, 30]]
    assert [data.class_names[label - 1] for label in data[0].labels] == ["nut", "bolt", "nut"]
    assert warnings_of(data) == ["1 object has several shapes of one group"]


def test_class_names_are_those_of_labels_txt_in_its_order_and_then_the_others(tmp_path):
    one(tmp_path, shape("washer"), shape("bolt"), shape("__ignore__"), shape("_background_", kind="point"))
    assert LabelMeDataset(tmp_path).class_names == ("bolt", "washer")
    write(tmp_path / "labels.txt", "__ignore__\n_background_\nwasher\nnut\n")
    data = LabelMeDataset(tmp_path)
    assert data.class_names == ("washer", "nut", "bolt")
    assert data[0].labels.tolist() == [1, 3]
    assert "1 shape has the label __ignore__" in warnings_of(data)
    with pytest.raises(BadData, match="object 1 .*class 'bolt' is not one of the washer"):
        LabelMeDataset(tmp_path, class_names=["washer"])
    (tmp_path / "labels.txt").write_bytes("washer\r\nnut\r\n".encode("utf-16"))
    assert LabelMeDataset(tmp_path).class_names == ("washer", "nut", "bolt")
    (tmp_path / "labels.txt").write_bytes(b"K\xe4fer\n")
    with pytest.raises(InputError, match="labels.txt is not text in UTF-8; save it again"):
        LabelMeDataset(tmp_path)


def test_splits_are_folders_and_number_the_classes_alike(tmp_path):
    one(tmp_path / "train", shape("nut"))
    one(tmp_path / "valid", shape("bolt"), stem="b")
    assert layout_of(tmp_path) is layout
    assert splits_of(tmp_path) == ["train", "valid"]
    assert [load_dataset(tmp_path, split).class_names for split in ("train", "val")] == [("bolt", "nut")] * 2
    assert layout.image_folder(tmp_path, "train") == tmp_path / "train"
    assert len(LabelMeDataset(tmp_path)) == 2
    with pytest.raises(InputError, match="no split 'test'; the splits there are: train, valid"):
        LabelMeDataset(tmp_path, "test")


@pytest.mark.parametrize("path", ["../images/a.jpg", "..\\images\\a.jpg", "C:\\photos\\a.jpg", "../images/A.JPG", ""])
def test_the_image_is_found_by_its_path_or_its_name(tmp_path, path):
    place = "images" if "images" in path else "annotations"
    save_picture(tmp_path / place / "a.jpg", 0)
    write(tmp_path / "annotations/a.json", {"shapes": [shape()], "imagePath": path, "imageData": None})
    assert layout_of(tmp_path) is layout
    assert LabelMeDataset(tmp_path).image_path(0).resolve() == tmp_path / place / "a.jpg"


@pytest.mark.parametrize(("image", "labels"), [("a.jpg", "json/a.json"), ("train/images/a.jpg", "train/labels/a.json")])
def test_json_files_that_were_moved_into_a_folder_of_their_own(tmp_path, image, labels):
    save_picture(tmp_path / image, 0)
    write(tmp_path / labels, {"shapes": [shape()], "imagePath": "a.jpg", "imageData": None})
    assert layout_of(tmp_path) is layout
    assert LabelMeDataset(tmp_path).image_path(0) == tmp_path / image


def test_what_the_writer_writes_is_read(tmp_path):
    save_picture(tmp_path / "a.jpg", 0)
    boxes, names = [[1.25, 2, 30.5, 40], [0, 0, 64, 48]], ["nut", "bolt"]
    write(tmp_path / "a.json", annotation_json("a.jpg", (64, 48), boxes, names, scores=[0.9, 0.8]))
    data = LabelMeDataset(tmp_path)
    assert (data[0].boxes.tolist(), data[0].labels.tolist(), data.issues) == (boxes, [2, 1], [])


def test_an_image_that_is_only_inside_the_json_file(tmp_path):
    one(tmp_path, shape(), imageData="iVBORw0KGgo=")
    one(tmp_path, shape(), stem="b")
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(BadData, match=r"a.jpg is not there; the JSON file holds a copy.*labelme_export_json"):
        LabelMeDataset(tmp_path)
    assert len(LabelMeDataset(tmp_path, bad_data="skip")) == 1


def test_images_without_a_json_file_are_not_labeled_yet_or_negatives(tmp_path):
    desktop.labelme(tmp_path)
    data = LabelMeDataset(tmp_path)
    assert (len(data), warnings_of(data)) == (5, ["1 of 6 images have no JSON file"])
    data = LabelMeDataset(tmp_path, missing_labels="negative")
    assert sorted(len(data.annotation(i).boxes) for i in range(6)) == [0, 1, 1, 1, 2, 2]


def test_a_split_in_which_nothing_is_labeled(tmp_path):
    one(tmp_path / "train", shape())
    save_picture(tmp_path / "val/b.jpg", 1)
    words = "none of the 1 images of .*can be used: .*no JSON file; left out .*--missing-labels negative"
    with pytest.raises(BadData, match=words):
        LabelMeDataset(tmp_path, "val")


def test_a_file_without_shapes_is_an_image_without_objects(tmp_path):
    one(one(tmp_path, shape()), stem="b")
    assert [len(sample.boxes) for sample in LabelMeDataset(tmp_path)] == [1, 0]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (shape(points=((4, 6), (4, 30))), r"object 0 .*box \[4, 6, 4, 30\]: the box has zero size"),
        (shape(points=((4, 6),)), "a rectangle has at least 2 points, not 1"),
        (shape(points=((4, 6), (9, 9)), kind="polygon"), "a polygon has at least 3 points, not 2"),
        (shape(points=((4, 6), (90, 30))), "the box reaches 26 pixels out of the image of 64 x 48"),
        (shape(points=((4, 6, 1), (9, 30, 1))), "'points' must be a list of pairs of finite numbers"),
        ({**shape(), "points": [[float("nan"), 1], [2, 2]]}, "pairs of finite numbers"),
        ({**shape(), "points": None}, "'points' must be a list of pairs"),
        (shape(kind="cuboid"), "a shape of the type 'cuboid' is not known"),
        ({**shape(), "label": None}, "the object has no class \\('label' is empty or missing\\)"),
    ],
)
def test_what_is_wrong_with_a_shape_is_named(tmp_path, item, words):
    one(one(tmp_path, item), shape(), stem="b")
    with pytest.raises(BadData, match=words):
        LabelMeDataset(tmp_path)
    assert len(LabelMeDataset(tmp_path, bad_data="skip")) == 2


def test_an_image_of_another_size_than_the_file_says(tmp_path):
    one(one(tmp_path, shape(), imageHeight=64, imageWidth=48), shape(), stem="b")
    with pytest.raises(BadData, match="a.json: the JSON says 48 x 64 pixels, the image has 64 x 48"):
        LabelMeDataset(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"shapes": [', "line 1, column 13: the JSON is broken"),
        ('{"x": {"shapes": []}}', "is no file of LabelMe: it has no list 'shapes'"),
        ('{"shapes": [1]}', "its 'shapes' must be dictionaries"),
        ("\ufeff" + '{"shapes": [], "imagePath": 3}', None),
    ],
)
def test_a_file_that_is_broken(tmp_path, text, words):
    one(one(tmp_path, shape()), stem="b")
    write(tmp_path / "b.json", text)
    if words is None:
        assert len(LabelMeDataset(tmp_path)) == 2
        return
    with pytest.raises(BadData, match=words):
        LabelMeDataset(tmp_path)
    assert len(LabelMeDataset(tmp_path, bad_data="skip")) == 1


def test_two_files_of_one_image(tmp_path):
    one(one(tmp_path, shape()), shape(), stem="b", image="a.jpg")
    with pytest.raises(BadData, match="b.json: its image a.jpg is that of a.json, too"):
        LabelMeDataset(tmp_path)
    assert len(LabelMeDataset(tmp_path, bad_data="skip")) == 1


def test_no_class_at_all(tmp_path):
    with pytest.raises(InputError, match="no shape there has a label and a box"):
        LabelMeDataset(one(tmp_path, shape(kind="point", points=((1, 1),))))


def test_a_long_image_before_the_shapes_and_other_json_files(tmp_path):
    one(tmp_path, shape())
    content = json.loads((tmp_path / "a.json").read_text())
    write(tmp_path / "a.json", {"imageData": "A" * 300_000, **{k: v for k, v in content.items() if k != "imageData"}})
    write(tmp_path / "notes.json", {"made": "by hand"})
    assert layout_of(tmp_path) is layout
    assert len(LabelMeDataset(tmp_path)) == 1


@pytest.mark.parametrize("damage", ['{"shapes": [', '{"shapes": [], "imageHeight": 7, "imageWidth": 9}'])
def test_an_image_whose_json_in_another_folder_is_bad_is_no_negative(tmp_path, damage):
    for stem in "ab":
        one(tmp_path / "images", shape(), stem=stem)
        (tmp_path / "annotations").mkdir(exist_ok=True)
        (tmp_path / "images" / f"{stem}.json").rename(tmp_path / "annotations" / f"{stem}.json")
    (tmp_path / "annotations" / "a.json").write_text(damage)
    data = LabelMeDataset(tmp_path, bad_data="skip", missing_labels="negative")
    assert [data.image_name(i) for i in range(len(data))] == ["b.jpg"]
    assert warnings_of(data) == []


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_a_json_file_that_cannot_be_read_is_named(tmp_path):
    one(tmp_path, shape())
    one(tmp_path, shape(), stem="b")
    (tmp_path / "b.json").unlink()
    (tmp_path / "b.json").symlink_to(tmp_path / "gone.json")
    with pytest.raises(InputError, match=r"b\.json cannot be read \(No such file"):
        load_dataset(tmp_path, "all")
