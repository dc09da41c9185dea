import shutil

import numpy as np
import pytest
from exports import roboflow
from exports.pictures import NAMES, STEMS, save_picture, write, yolo_rows

from numpyssd.datasets.issues import BadData
from numpyssd.datasets.layouts import layout_of, splits_of
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.yolo import YOLODataset, layout
from numpyssd.datasets.yolo.writer import class_list, label_text
from numpyssd.errors import InputError

LIST = "".join(f"{name}\n" for name in NAMES)
YAML = "names: [nut, bolt]\n"


def fill(root, images="images/{}", labels="labels/{}", splits=(("train", (0, 1, 2)), ("val", (3, 4)))):
    """Write pictures and their label files below root, in the folders of their splits."""
    for split, numbers in splits:
        for i in numbers:
            save_picture(root / images.format(split) / f"{STEMS[i]}.jpg", i)
            write(root / labels.format(split) / f"{STEMS[i]}.txt", yolo_rows(i))
    return root


def one(root, row="0 0.5 0.5 0.5 0.5\n", names=LIST):
    """Write one picture and its label file, beside each other."""
    save_picture(root / "a.jpg", 0)
    write(root / "a.txt", row)
    write(root / "classes.txt", names)
    return root


def warnings_of(data):
    return [issue.sentence for issue in data.issues if issue.is_warning]


# ---- layouts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("images", "labels", "text"),
    [
        ("images/{}", "labels/{}", "path: .\ntrain: images/train\nval: images/val\nnames: {0: nut, 1: bolt}\n"),
        (
            "images/{}",
            "labels/{}",
            "path: /some/where\ntrain: images/train\nval: images/val\n" + YAML,
        ),
        (
            "images/{}2017",
            "labels/{}2017",
            "path: ../set\ntrain: images/train2017\nval: images/val2017\n" + YAML,
        ),
        ("{}/images", "{}/labels", "train: ../train/images\nval: ../val/images\nnc: 2\n" + YAML),
        ("{}/images", "{}/labels", "train: train\nval: val\nnc: 2\n" + YAML),
        ("images/{}", "labels/{}", "train:\n- images/train\nval: [images/val]\ntest:\n" + YAML),
        ("images/{}", "labels/{}", "train: C:\\data\\set\\images\\train\nval: C:\\data\\set\\images\\val\n" + YAML),
        ("images/{}", "labels/{}", YAML),
        ("{}", "{}", "nc: 2\n" + YAML),
        ("Images/{}", "Labels/{}", "nc: 2\n" + YAML),
        ("images/{}", "labels/{}", None),
        ("{}/images", "{}/labels", None),
        ("{}", "{}", None),
        ("images/{}", "images/{}", None),
    ],
)
def test_every_layout_gives_both_splits(tmp_path, images, labels, text):
    fill(tmp_path, images, labels)
    write(tmp_path / ("data.yaml" if text else "classes.txt"), text or LIST)
    assert layout_of(tmp_path) is layout
    assert splits_of(tmp_path) == ["train", "val"]
    train, val = (load_dataset(tmp_path, split) for split in ("train", "val"))
    assert (train.class_names, len(train), len(val)) == (NAMES, 3, 2)
    assert [len(train[i].boxes) for i in range(3)] == [2, 1, 0]
    assert train.issues == []
    assert layout.image_folder(tmp_path, "val") == val.image_path(0).parent


@pytest.mark.parametrize("paths", ["{}.jpg", "./images/{}.jpg", "/home/me/set/images/{}.jpg", "set\\images\\{}.jpg"])
def test_lists_of_images_wherever_they_were_written(tmp_path, paths):
    fill(tmp_path, "images", "labels")
    for split, numbers in (("train", (0, 1, 2)), ("valid", (3, 4))):
        write(tmp_path / f"{split}.txt", "".join(paths.format(STEMS[i]) + "\n" for i in numbers))
    write(tmp_path / "obj.names", LIST)
    if not paths.startswith("{"):
        assert [len(load_dataset(tmp_path, split)) for split in ("train", "val")] == [3, 2]
    else:
        with pytest.raises(InputError, match=r"none of the 3 images is there.*Save images"):
            load_dataset(tmp_path, "train")


def test_obj_data_of_darknet(tmp_path):
    fill(tmp_path / "data", "obj", "obj")
    write(tmp_path / "data/train.txt", "".join(f"data/obj/{STEMS[i]}.jpg\n" for i in (0, 1, 2)))
    write(tmp_path / "data/test.txt", "".join(f"data/obj/{STEMS[i]}.jpg\n" for i in (3, 4)))
    write(tmp_path / "data/obj.names", LIST)
    data = "classes= 3\ntrain  = data/train.txt\nvalid  = data/test.txt\nnames = data/obj.names\nbackup = backup/\n"
    write(tmp_path / "data/obj.data", data)
    (tmp_path / "cfg").mkdir()
    train = load_dataset(tmp_path, "train")
    assert (len(train), train.class_names, len(load_dataset(tmp_path, "val"))) == (3, NAMES, 2)
    assert warnings_of(train) == ["classes says 3 classes, and 2 are named"]
    (tmp_path / "data/obj.names").unlink()
    with pytest.raises(InputError, match="obj.names names the classes, which is not there"):
        load_dataset(tmp_path, "train")


def test_a_folder_around_the_folder(tmp_path):
    roboflow.yolo(tmp_path / "download" / "hardware.v1i.yolov8")
    assert len(load_dataset(tmp_path, "train")) == 4
    assert layout.base_folder(tmp_path) == tmp_path / "download/hardware.v1i.yolov8"


def test_names_of_files_in_other_capitals_and_with_accents_written_apart(tmp_path):
    save_picture(tmp_path / "images/Écrou.JPG", 0)
    write(tmp_path / "labels/E\u0301crou.TXT", yolo_rows(0))
    write(tmp_path / "classes.txt", LIST)
    data = YOLODataset(tmp_path)
    assert (len(data), len(data[0].boxes), data.issues) == (1, 2, [])


def test_an_empty_folder_is_no_split(tmp_path):
    roboflow.yolo(tmp_path)
    shutil.rmtree(tmp_path / "valid")
    (tmp_path / "valid/images").mkdir(parents=True)
    (tmp_path / "test/images/.keep").touch()
    assert splits_of(tmp_path) == ["train", "test"]


def test_a_missing_test_folder_is_no_split_and_said(tmp_path):
    fill(tmp_path)
    write(tmp_path / "data.yaml", "train: images/train\nval: images/val\ntest: images/test\n" + YAML)
    assert splits_of(tmp_path) == ["train", "val"]
    assert warnings_of(load_dataset(tmp_path, "train")) == ["test: images/test is not there, or empty"]
    with pytest.raises(InputError, match="no split 'test'; the splits there are: train, val"):
        YOLODataset(tmp_path, "test")


def test_data_yaml_that_names_one_folder_twice_names_no_splits(tmp_path):
    fill(tmp_path, "images", "labels")
    write(tmp_path / "data.yaml", "train: images\nval: images\n" + YAML)
    assert splits_of(tmp_path) == []
    data = YOLODataset(tmp_path)
    assert (len(data), warnings_of(data)) == (5, ["train and val are the same images"])


# ---- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("names: ['no', 'yes']", ("no", "yes")),
        ("names: [no, 1.0]", ("no", "1.0")),
        ('names:\n- 安全帽\n- "caf\\u00e9"', ("安全帽", "café")),
        ("names:\n  1: bolt\n  0: nut\n  10: washer", ("nut", "bolt", "washer")),
        ("names: [nut, bolt, nut]", ("nut", "bolt")),
        ("names: [background, nut]", ("nut",)),
        ("names: obj.names", NAMES),
        ("names: {0: nut}\ndownload: |\n  import os\n  # names: [x]\n  os.system('x')", ("nut",)),
    ],
)
def test_names_in_data_yaml(tmp_path, text, expected):
    fill(tmp_path, "images", "labels", [("all", (2,))])
    write(tmp_path / "labels/img002.txt", "")
    write(tmp_path / "obj.names", LIST)
    write(tmp_path / "data.yaml", "\ufeffnc: 2 # classes\n" + text)
    assert YOLODataset(tmp_path).class_names == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nc: 2\nnames: [nut, bolt", "line 2: the YAML is broken"),
        ("nc: 2\nnames:\n\t- nut", "line 3: the YAML is broken"),
        ('nc: 2\nnames: [nut, bolt]\ntrain: "C:\\Users\\Me"', "line 3: the YAML is broken .*; write paths with / or"),
        ("nc: 2\nnames:", "'names' must be a list of names"),
        ("nc: 2\nnames: []", "'names' must be a list of names"),
        ("nc: 2\nnames: [[nut]]", "'names' must be a list of names"),
        ("nc: 2\nnames: {a: nut}", "'a' in place of a class number"),
        ("nc: 2\nnames: &a [*a]", "line 2: the YAML is broken"),
        ("nc: 2\nx: &a [b]\ny: &b [*a,*a]\nnames: [*b, *b]", "'names' must be a list of names"),
        ("nc: 2\nnames: []\n#" + "x" * 1_000_000, "more than 1000000 bytes"),
        ("nc: 2\nnames: " + "[" * 50_000, "no usual YAML file|the YAML is broken"),
    ],
)
def test_a_data_yaml_that_cannot_be_used_is_named(tmp_path, text, words):
    fill(tmp_path)
    write(tmp_path / "data.yaml", text)
    with pytest.raises(InputError, match=words):
        YOLODataset(tmp_path, "train")


def test_several_data_sets_in_one_folder(tmp_path):
    fill(tmp_path / "v1")
    fill(tmp_path / "v2")
    for name in ("v1", "v2"):
        write(tmp_path / name / "data.yaml", "nc: 2\nnames: [nut, bolt]\n")
    with pytest.raises(
        InputError, match=r"names of classes for itself; name one of them, .*v1, or several with commas"
    ):
        YOLODataset(tmp_path)


def test_a_yaml_file_makes_no_object(tmp_path):
    fill(tmp_path)
    write(tmp_path / "data.yaml", "nc: 2\nnames: !!python/object/apply:os.system [nut, bolt]\n")
    assert YOLODataset(tmp_path, "train").class_names == NAMES


def test_lists_of_names(tmp_path):
    data = YOLODataset(one(tmp_path, "2 0.5 0.5 0.5 0.5", "\ufeffnut\r\n\r\nbolt\r\n\r\n"))
    assert (data.class_names, data[0].labels.tolist()) == (("nut", "bolt"), [2])
    write(one(tmp_path) / "classes.txt", "")
    with pytest.raises(InputError, match="classes.txt names no class"):
        YOLODataset(tmp_path)
    (tmp_path / "classes.txt").unlink()
    with pytest.raises(InputError, match=r"nothing says how the classes 0, 1, … .*write a file classes.txt"):
        YOLODataset(tmp_path)
    write(tmp_path / "_darknet.labels", LIST)  # Roboflow's Darknet export
    assert YOLODataset(tmp_path).class_names == NAMES
    write(tmp_path / "classes.txt", "bolt\nnut\n")
    with pytest.raises(InputError, match="name other classes; keep one"):
        YOLODataset(tmp_path)


def test_two_yaml_files_and_another_number_of_classes(tmp_path):
    fill(tmp_path)
    write(tmp_path / "a.yaml", "nc: 3\n" + YAML)
    assert warnings_of(YOLODataset(tmp_path, "train")) == ["nc says 3 classes, and 2 are named"]
    write(tmp_path / "b.yaml", "nc: 2\n" + YAML)
    with pytest.raises(InputError, match=r"several files that name classes \(a.yaml, b.yaml\)"):
        YOLODataset(tmp_path, "train")
    write(tmp_path / "data.yaml", "nc: 2\n" + YAML)
    assert YOLODataset(tmp_path, "train").issues == []


def test_classes_of_a_trained_network_are_found_by_name(tmp_path):
    data = YOLODataset(one(tmp_path, "0 0.5 0.5 0.5 0.5"), class_names=("bolt", "washer", "nut"))
    assert data[0].labels.tolist() == [3]
    with pytest.raises(BadData, match="line 1: class 'nut' is not one of the bolt"):
        YOLODataset(tmp_path, class_names=("bolt",))


# ---- label files -----------------------------------------------------------------------------------------------------


def test_labels_in_a_folder_among_the_images(tmp_path):
    fill(tmp_path, "", "labels")
    write(tmp_path / "labels/classes.txt", LIST)
    assert layout_of(tmp_path) is layout
    data = YOLODataset(tmp_path)
    assert ([len(sample.boxes) for sample in data], data.issues) == ([2, 1, 0, 1, 2], [])


def test_what_the_writer_writes_is_read(tmp_path):
    save_picture(tmp_path / "a.jpg", 0)
    boxes = [[1.25, 2, 30.5, 40], [0, 0, 64, 48]]
    write(tmp_path / "a.txt", label_text((64, 48), boxes, [1, 0]))
    write(tmp_path / "classes.txt", class_list(NAMES))
    data = YOLODataset(tmp_path)
    assert np.allclose(data[0].boxes, boxes, atol=1e-4)
    assert (data[0].labels.tolist(), data.class_names, data.issues) == ([2, 1], NAMES, [])


def test_an_image_without_a_label_file_has_no_objects(tmp_path):
    fill(tmp_path, "images", "labels", [("all", (0, 1, 2))])
    write(tmp_path / "classes.txt", LIST)
    (tmp_path / "labels/img001.txt").unlink()
    data = YOLODataset(tmp_path)
    assert [len(data[i].boxes) for i in range(3)] == [2, 0, 0]
    assert warnings_of(data) == ["1 of 3 images have no label file"]
    shutil.rmtree(tmp_path / "labels")
    with pytest.raises(InputError, match=r"no image has a label file \(img000.txt, beside it or in labels\)"):
        YOLODataset(tmp_path)


def test_a_split_without_any_label_file_is_taken_for_negatives_if_that_is_said(tmp_path):
    fill(tmp_path)
    write(tmp_path / "data.yaml", "nc: 2\n" + YAML)
    shutil.rmtree(tmp_path / "labels/val")
    with pytest.raises(InputError, match=r"no image has a label file .*--missing-labels negative"):
        load_dataset(tmp_path, "val")
    data = load_dataset(tmp_path, "val", missing_labels="negative")
    assert [len(sample.boxes) for sample in data] == [0, 0]
    assert warnings_of(data) == ["2 of 2 images have no label file"]
    with pytest.raises(ValueError, match="missing_labels must be"):
        YOLODataset(tmp_path, "val", missing_labels="none")


def test_a_label_file_without_an_image_is_named(tmp_path):
    write(one(tmp_path) / "b.txt", "0 0.5 0.5 0.5 0.5")
    write(tmp_path / "README.txt", "Photographs of bolts.")
    data = YOLODataset(tmp_path)
    assert [str(issue) for issue in data.issues] == [
        f"{tmp_path / 'b.txt'}: the label file has no image; nothing is made of that"
    ]


def test_label_files_that_are_named_otherwise_are_an_issue(tmp_path):
    fill(tmp_path, "images", "labels", [("all", (0, 1, 2, 3))])
    write(tmp_path / "classes.txt", LIST)
    for i in (0, 1, 3):
        (tmp_path / f"labels/{STEMS[i]}.txt").rename(tmp_path / f"labels/{STEMS[i]}_label.txt")
    with pytest.raises(BadData, match="3 label files have no image, and most images no label file; are they named"):
        YOLODataset(tmp_path)
    for i in (0, 1, 3):
        (tmp_path / f"labels/{STEMS[i]}_label.txt").rename(tmp_path / f"labels/{STEMS[i]}.jpg.txt")
    assert YOLODataset(tmp_path).issues == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2 0.5 0.5 0.5 0.5", "line 1: class number 2 is not named in classes.txt, which names 0 to 1 (do the numbers"),
        ("7 0.5 0.5 0.5 0.5", "class number 7 is not named"),
        ("\n0 32 24 10 10", "line 2: 32 is no fraction of the width or height"),
        ("0 0.5 0.5 0.5 0.5\n0 0.9 0.5 0.5 0.5", "a.txt, line 2, box [0.9, 0.5, 0.5, 0.5]: the box reaches"),
        ("nut 0.5 0.5 0.5 0.5", "line 1: a row begins with the number of its class"),
    ],
)
def test_what_is_wrong_with_a_row_is_named_by_its_line(tmp_path, row, words):
    one(tmp_path, row)
    with pytest.raises(BadData) as caught:
        YOLODataset(tmp_path)
    assert words in str(caught.value)
    data = YOLODataset(tmp_path, bad_data="skip")
    assert len(data) == 1
    assert [issue.is_warning for issue in data.issues] == [False]


def test_a_label_file_that_is_no_text(tmp_path):
    one(tmp_path)
    (tmp_path / "a.txt").write_bytes(b"0\0 \0")
    with pytest.raises(BadData, match="a.txt holds NUL bytes"):
        YOLODataset(tmp_path)


def test_outlines_corners_key_points_and_scores_are_said_once(tmp_path):
    outline, corners = "0 .1 .1 .5 .1 .3 .5", "0 .1 .1 .5 .1 .5 .5 .1 .5"
    data = YOLODataset(one(tmp_path, f"{outline}\n{outline}\n{corners}\n1 .5 .5 .2 .2 .9\n"))
    assert len(data[0].boxes) == 4
    assert sorted(sentence.split(";")[0] for sentence in warnings_of(data)) == [
        "1 row has a score behind it, as predictions have and labels have not",
        "1 row has four corners (an oriented box, or an outline)",
        "2 rows are outlines",
    ]
    (tmp_path / "classes.txt").unlink()
    write(tmp_path / "data.yaml", "kpt_shape: [2, 3]\nnc: 2\n" + YAML)
    write(tmp_path / "a.txt", "0 .5 .5 .5 .5 .4 .4 2 .6 .6 2")
    data = YOLODataset(tmp_path)
    assert data[0].boxes.tolist() == [[16, 12, 48, 36]]
    assert warnings_of(data) == ["1 row has key points; only its box is used"]


def test_a_listed_image_that_is_missing_and_one_that_is_damaged(tmp_path):
    fill(tmp_path, "images", "labels")
    write(tmp_path / "train.txt", "images/img000.jpg\nimages/none.jpg\nimages/img001.jpg\n")
    write(tmp_path / "classes.txt", LIST)
    (tmp_path / "images/img001.jpg").write_bytes(b"")
    with pytest.raises(BadData, match=r"none.jpg does not exist.*the first of 2"):
        YOLODataset(tmp_path, "train")
    assert len(YOLODataset(tmp_path, "train", bad_data="skip")) == 1


def test_voc_and_coco_beside_text_files_stay_what_they_are(tmp_path):
    for name in ("Annotations", "JPEGImages", "labels"):
        (tmp_path / name).mkdir()
    write(tmp_path / "labels/a.txt", "0 0.5 0.5 0.5 0.5")
    assert layout_of(tmp_path) is not layout
