import json
import os

import numpy as np
import pytest
from PIL import Image

from numpyssd.boxes import iou
from numpyssd.config import TINY
from numpyssd.datasets.analysis.summary import summarize
from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.coco.boxes import check_box
from numpyssd.datasets.coco.file import ONE_OF
from numpyssd.datasets.issues import IMAGE_OUT, BadData
from numpyssd.errors import InputError
from numpyssd.inference.average_precision import average_precision
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import targets

# The 80 categories of COCO 2014 and 2017, and their ids as the files instances_*.json give them (typed from these):
# of 1 to 90 the ten 12, 26, 29, 30, 45, 66, 68, 69, 71 and 83 are missing.
# fmt: off
NAMES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush",
)
IDS = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 31, 32, 33, 34,
    35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    64, 65, 67, 70, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 84, 85, 86, 87, 88, 89, 90,
)
# fmt: on


def annotation(number, image=1, category=3, bbox=(2, 3, 10, 5), **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": list(bbox), **more}


class Files:
    """A small COCO file with its images of 30 x 20 pixels; ``content`` may be changed before it is opened."""

    def __init__(self, path):
        self.path, self.json = path, path / "instances.json"
        (path / "images").mkdir(parents=True)
        names = ((90, "toothbrush"), (3, "car"), (17, "cat"))  # in no order
        self.content = {
            "info": {"description": "three images"},
            "images": [],
            "annotations": [],
            "categories": [{"id": i, "name": name, "supercategory": "thing"} for i, name in names],
        }
        for number in (1, 139, 7):
            self.image(number)

    def image(self, number, width=30, height=20, **more):
        name = f"{number:012}.png"
        Image.new("RGB", (30, 20), (number, 0, 0)).save(self.path / "images" / name)
        entry = {"id": number, "file_name": name, "width": width, "height": height, **more}
        self.content["images"].append(entry)

    def add(self, *annotations):
        self.content["annotations"] += annotations
        return self

    def open(self, **options):
        self.json.write_text(json.dumps(self.content))
        return COCODataset(self.json, self.path / "images", **options)

    def refused(self, *words, **options):
        with pytest.raises(InputError) as caught:
            self.open(**options)
        message = str(caught.value)
        assert "\n" not in message
        for word in (self.json, *words):
            assert str(word) in message
        return message


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


# ---- what it holds ---------------------------------------------------------------------------------------------------


def test_items(files):
    files.add(annotation(11, bbox=(2, 3, 10, 5)), annotation(12, 7, 90), annotation(13, 1, 17, (0.5, 1.25, 29.5, 18.5)))
    data = files.open()
    assert len(data) == 3
    assert data.class_names == ("car", "cat", "toothbrush")  # by id
    image, boxes, labels, difficult = data[0]
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    # x, y, width, height, continuous: the first box ends at 2 + 10 and 3 + 5, with nothing subtracted or added
    assert boxes.tolist() == [[2, 3, 12, 8], [0.5, 1.25, 30, 19.75]]
    assert (boxes.dtype, labels.dtype, difficult.dtype) == (np.float32, np.int64, bool)
    assert labels.tolist() == [1, 2]
    assert not difficult.any()
    assert data[2][2].tolist() == [3]
    assert data.image_size(1) == (30, 20)
    assert data.image_path(1) == files.path / "images/000000000139.png"
    assert [tuple(data[i][0][0, 0]) for i in range(3)] == [(1, 0, 0), (139, 0, 0), (7, 0, 0)]  # as in the file
    assert data.image_ids == (1, 139, 7)
    assert data.issues == []


def test_an_image_without_annotations_is_kept_and_so_is_a_category(files):
    files.add(annotation(11, category=90))
    data = files.open()
    image, boxes, labels, difficult = data[1]
    assert (boxes.shape, labels.shape, difficult.shape) == ((0, 4), (0,), (0,))
    assert (boxes.dtype, labels.dtype, difficult.dtype) == (np.float32, np.int64, bool)
    assert data.class_names == ("car", "cat", "toothbrush")
    assert data[0][2].tolist() == [3]
    result = average_precision([([[2, 3, 12, 8]], [3], [0.9]), ([], [], []), ([], [], [])][:1], [data[0][1:]], "coco",
                               class_names=data.class_names)  # fmt: skip
    assert result.per_class == {"toothbrush": 1}
    assert result.left_out == ["car", "cat"]


def test_the_eighty_categories_of_coco_become_1_to_80(files):
    assert len(NAMES) == len(IDS) == 80
    assert sorted(set(range(1, 91)) - set(IDS)) == [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
    pairs = list(zip(IDS, NAMES))
    files.content["categories"] = [{"id": i, "name": name} for i, name in pairs[40:] + pairs[:40]]
    files.add(*(annotation(100 + i, category=i) for i in IDS))
    data = files.open()
    assert data.class_names == NAMES
    assert data.category_ids == IDS
    assert data[0][2].tolist() == list(range(1, 81))
    # Some pairs that a file with a gap overlooked would get wrong (id -> label).
    table = {i: label for label, i in enumerate(data.category_ids, start=1)}
    assert [table[i] for i in (1, 11, 13, 25, 27, 28, 31, 44, 46, 67, 70, 72, 82, 84, 90)] == [
        1, 11, 12, 24, 25, 26, 27, 40, 41, 61, 62, 63, 73, 74, 80,
    ]  # fmt: skip


def test_a_network_with_91_classes_has_the_ids_for_labels(files):
    """As torchvision's have: 90 numbers, of which ten stand for nothing."""
    files.content["categories"] = [{"id": i, "name": name} for i, name in zip(IDS, NAMES)]
    names = tuple(dict(zip(IDS, NAMES)).get(i, f"N/A {i}") for i in range(1, 91))
    data = files.add(*(annotation(100 + i, category=i) for i in IDS)).open(class_names=names)
    assert data[0][2].tolist() == list(IDS)
    assert data.category_ids == tuple(i if i in IDS else None for i in range(1, 91))


def test_labels_of_a_network_are_found_by_name(files):
    files.add(annotation(11), annotation(12, category=90))
    data = files.open(class_names=("toothbrush", "dog", "car"))
    assert data.class_names == ("toothbrush", "dog", "car")
    assert data[0][2].tolist() == [3, 1]
    assert data.category_ids == (90, None, 3)
    files.add(annotation(13, category=17), annotation(14, category=17))
    files.refused("annotation 13", "'cat'", "toothbrush, dog, car", "first of 2", class_names=data.class_names)
    with pytest.raises(ValueError, match="class_names"):
        files.open(class_names="cat")


def test_annotations_are_given_undecoded_and_cannot_be_spoilt(files):
    files.add(annotation(11, iscrowd=1))
    data = files.open()
    data.image_path(0).unlink()
    boxes, labels, difficult, truncated = data.annotation(0)[:4]
    assert (difficult.tolist(), truncated.tolist()) == ([True], [False])
    for array in (boxes, labels, difficult, data.annotation(0).crowd, data.annotation(0).area):
        array[:] = 0
    boxes, labels, difficult, _ = data.annotation(0)[:4]
    assert (boxes.tolist(), labels.tolist(), difficult.tolist()) == ([[2, 3, 12, 8]], [1], [True])
    assert (data.annotation(0).crowd.tolist(), data.annotation(0).area.tolist()) == ([True], [50])


def test_areas_are_those_of_the_outlines_where_they_are_given(files):
    files.add(annotation(11, area=31.5), annotation(12), annotation(13, area=0), annotation(14, area=None))
    assert files.open().annotation(0).area.tolist() == [31.5, 50, 50, 50]
    assert files.open().annotation(1).area.shape == (0,)


def test_outlines_are_passed_over(files):
    files.add(annotation(11, segmentation=[[1, 2, 3, 4, 5, 6]]))
    files.add(annotation(12, iscrowd=1, segmentation={"counts": [9, 3], "size": [20, 30]}))
    assert len(files.open()[0][1]) == 2


# ---- crowds ----------------------------------------------------------------------------------------------------------


def test_a_crowd_neither_counts_nor_hurts_in_an_evaluation(files):
    files.add(annotation(11), annotation(12, bbox=(15, 3, 10, 15), iscrowd=1), annotation(13, 139, iscrowd=0))
    data = files.open()
    assert data[0][3].tolist() == data.annotation(0).crowd.tolist() == [False, True]
    assert data[1][3].tolist() == [False]
    # One object is missed; the crowd is found. If the crowd counted, two of three would be found.
    found = [([[2, 3, 12, 8], [15, 3, 25, 18]], [1, 1], [0.9, 0.95]), ([], [], []), ([], [], [])]
    found = [(np.reshape(boxes, (-1, 4)), labels, scores) for boxes, labels, scores in found]
    result = average_precision(found, [data[i][1:] for i in range(3)], "voc", class_names=data.class_names)
    assert result.objects["car"] == 2
    assert result.per_class["car"] == 0.5


def test_an_image_that_has_another_ending_is_taken_and_said_once(files):
    for name in ("000000000001", "000000000139"):
        (files.path / f"images/{name}.png").rename(files.path / f"images/{name}.JPEG")
    files.add(annotation(11), annotation(12, 7))
    data = files.open()
    assert [data.image_path(i).suffix for i in range(3)] == [".JPEG", ".JPEG", ".png"]
    assert [len(sample.boxes) for sample in data] == [1, 0, 1]
    (issue,) = data.issues
    assert issue.is_warning
    words = "image 1: 000000000001.png is not there (the first of 2); 000000000001.JPEG, the only one of that stem, is"
    assert words in str(issue)


def test_an_image_that_the_file_names_itself_stands_for_no_other(files):
    files.content["images"].insert(0, {"id": 2, "file_name": "000000000001.jpg", "width": 30, "height": 20})
    files.refused("image 2", "000000000001.jpg does not exist")
    (files.path / "images/000000000139.png").rename(files.path / "images/000000000001.jpeg")
    (files.path / "images/000000000001.png").rename(files.path / "images/000000000001.webp")
    files.refused("000000000001.jpg does not exist", bad_data="error")  # two have that stem


def test_a_crowd_is_left_out_of_training(files):
    files.add(annotation(11), annotation(12, bbox=(15, 3, 10, 15), iscrowd=1), annotation(13, 7, iscrowd=1))
    data = files.open(crowds=False)
    assert data[0][1].tolist() == [[2, 3, 12, 8]]
    assert len(data) == 3
    assert len(data[2][1]) == 0
    (issue,) = data.issues
    assert (issue.is_warning, issue.sentence) == (True, "2 objects stand for a crowd (iscrowd is 1)")
    assert files.open().issues == []


def test_no_default_box_is_asked_to_find_a_crowd_that_is_left_out(files):
    files.add(annotation(11, bbox=(0, 0, 15, 20)), annotation(12, category=17, bbox=(15, 0, 15, 20), iscrowd=1))
    seen = {}
    for crowds in (True, False):
        _, boxes, labels, _ = files.open(crowds=crowds)[0]
        _, conf_targets = targets(boxes / np.float32([30, 20, 30, 20]), labels, default_boxes(TINY))
        seen[crowds] = set(conf_targets)
    assert seen == {True: {0, 1, 2}, False: {0, 1}}


def test_iscrowd_is_nothing_but_0_or_1(files):
    files.add(annotation(11, iscrowd=2))
    files.refused("annotation 11", "'iscrowd' must be 0 or 1, not 2")


# ---- boxes -----------------------------------------------------------------------------------------------------------

BAD = {
    "zero size": [(4, 5, 0, 4), (4, 5, 4, 0.0)],
    "negative width or height": [(9, 9, -3, 4), (9, 9, 3, -4)],
    "outside the image of 30 x 20": [(40, 1, 5, 5), (-9, 1, 5, 5), (1, 20, 5, 5)],
    "four finite numbers": [(1, 2, 3), (1, 2, 3, 4, 5), (), (1, 2, float("nan"), 4), (1, 2, float("inf"), 4),
                            ("1", 2, 3, 4), (None, 2, 3, 4), (True, 2, 3, 4), (1, 2, 10**400, 4)],
}  # fmt: skip


def test_bad_boxes_are_named_and_left_out(files):
    cases = [(word, bbox) for word, boxes in BAD.items() for bbox in boxes]
    files.add(annotation(5), *(annotation(100 + i, bbox=bbox) for i, (_, bbox) in enumerate(cases)))
    data = files.open(bad_data="skip")
    assert data[0][1].tolist() == [[2, 3, 12, 8]]
    assert len(data.issues) == len(cases)
    for i, (issue, (word, _)) in enumerate(zip(data.issues, cases)):
        assert issue.object_number == 100 + i
        assert word in issue.sentence
        assert str(issue).startswith(f"{files.json}, annotation {100 + i}, box [")
        assert "left out" in str(issue)
    files.refused("annotation 100", "[4, 5, 0, 4]", f"first of {len(cases)}", bad_data="error")
    with pytest.raises(ValueError, match="bad_data"):
        files.open(bad_data="ignore")


def test_a_box_over_the_edge_is_cut_off_and_said_if_it_is_more_than_rounding(files):
    files.add(annotation(11, bbox=(20, 3, 10.4, 5)), annotation(12, bbox=(-4, 3, 10, 5)))
    data = files.open(bad_data="skip")
    assert data[0][1].tolist() == [[20, 3, 30, 8], [0, 3, 6, 8]]
    (issue,) = data.issues
    assert "annotation 12, box [-4, 3, 10, 5]: the box reaches 4 pixels out of the image of 30 x 20" in str(issue)


def test_boxes_are_what_a_loop_over_pixels_covers(rng):
    """[x, y, w, h] in whole pixels covers the pixels x to x + w - 1: w times h of them."""
    for _ in range(20):
        x, y = rng.integers(0, 20, 2)
        w, h = rng.integers(1, 10, 2)
        (x1, y1, x2, y2), sentence = check_box([int(v) for v in (x, y, w, h)], 40, 40)
        grid = np.array([[i, j, i + 1, j + 1] for j in range(40) for i in range(40)], float)
        assert (iou(grid, np.array([[x1, y1, x2, y2]])) > 0).sum() == w * h
        assert sentence is None


# ---- what stops it ---------------------------------------------------------------------------------------------------


def test_files_that_are_no_coco_files(files):
    files.add(annotation(11))
    files.open()
    for text, words in (
        (b"", ("line 1", "broken")),
        (b'{"images": [\n{"id": 1,}]}', ("line 2", "broken")),
        (json.dumps(files.content).encode()[:-40], ("line 1", "broken", "copy or export it again")),
        (b"\xff\xfe\x00", ("cannot be read as JSON",)),
        (b"[" * 100_000, ("cannot be read as JSON",)),
        (b'{"images": [' + b"1" * 5000 + b"]}", ("cannot be read as JSON",)),
        (b"[]", ("no dictionary",)),
        (b"3", ("no dictionary",)),
    ):
        files.json.write_bytes(text)
        with pytest.raises(InputError) as caught:
            COCODataset(files.json, files.path / "images")
        for word in (str(files.json), *words):
            assert word in str(caught.value)
    with pytest.raises(InputError, match="does not exist"):
        COCODataset(files.path / "no.json", files.path)
    with pytest.raises(InputError, match="cannot be read"):
        COCODataset(files.path, files.path)
    if hasattr(os, "mkfifo"):  # a pipe is not waited for
        os.mkfifo(files.path / "pipe.json")
        with pytest.raises(InputError, match=r"pipe\.json is no plain file"):
            COCODataset(files.path / "pipe.json", files.path)


def test_a_byte_order_mark_is_no_matter(files):
    files.open()
    files.json.write_text(files.json.read_text(), encoding="utf-8-sig")
    assert len(COCODataset(files.json, files.path / "images")) == 3


@pytest.mark.parametrize("kind", ["images", "annotations", "categories"])
def test_a_missing_list(files, kind):
    for value in ({}, None):
        files.content[kind] = value
        files.refused(f"no list '{kind}'")
    del files.content[kind]
    files.refused(f"no list '{kind}'")


@pytest.mark.parametrize("kind", ["images", "categories"])
def test_an_empty_list(files, kind):
    files.content[kind] = []
    files.refused("lists no image" if kind == "images" else "lists no category")


@pytest.mark.parametrize(
    ("kind", "key", "wrong"),
    [
        ("images", "id", 1.5),
        ("images", "id", True),
        ("images", "file_name", None),
        ("images", "file_name", ""),
        ("annotations", "id", [1]),
        ("annotations", "image_id", None),
        ("annotations", "image_id", {}),
        ("annotations", "category_id", "3a"),
        ("annotations", "bbox", {"x": 1}),
        ("categories", "id", "three"),
        ("categories", "name", [3]),
    ],
)
def test_a_missing_or_mistaken_key(files, kind, key, wrong):
    files.add(annotation(11), annotation(12))
    entry = files.content[kind][1]
    which = f"{ONE_OF[kind]} " + ("number 1" if key == "id" else str(entry["id"]))
    entry[key] = wrong
    files.refused(f"'{key}' must be", repr(wrong), ONE_OF[kind] if isinstance(wrong, str) else which)
    del entry[key]
    files.refused(which, f"has no key '{key}'")
    files.content[kind][1] = 5
    files.refused(f"{ONE_OF[kind]} number 1", "no dictionary")


def test_references_to_nowhere_name_the_annotation_and_count(files):
    files.add(annotation(11), annotation(12, image=2), annotation(13, image=4))
    message = files.refused("annotation 12", "no image with the id 2", "first of 2")
    assert "annotation 13" not in message
    files.content["annotations"][1:] = [annotation(14, category=4)]
    files.refused("annotation 14", "no category with the id 4")


def test_duplicates(files):
    files.add(annotation(11), annotation(11, 7), annotation(12, 7))
    files.refused("annotation 11: the id is there twice")
    del files.content["annotations"][1]
    files.open()
    files.content["images"].append(dict(files.content["images"][0], id=8))
    files.refused("image 8: it has the same file_name '000000000001.png' as 1")
    files.content["images"][-1] = dict(files.content["images"][0], file_name="other.png")
    files.refused("image 1: the id is there twice")
    del files.content["images"][-1]
    files.content["categories"].append({"id": 3, "name": "lorry"})
    files.refused("category 3: the id is there twice")


def test_every_broken_entry_is_listed_and_left_out(files):
    files.add(annotation(11), annotation(11, 7), annotation(13, image=2), annotation(14, category=4), {"id": 15}, 5)
    files.add(annotation(16, 139, iscrowd="no"))
    files.content["images"].append(dict(files.content["images"][0], id=8))
    files.content["categories"].append({"id": 30})
    data = files.open(bad_data="skip")
    assert [len(data[i][1]) for i in range(len(data))] == [1, 0, 0]
    texts = "\n".join(map(str, data.issues))
    for words in (
        "annotation 11: the id is there twice; the box is left out",
        "annotation 13: there is no image with the id 2; the box is left out",
        "annotation 14: there is no category with the id 4; the box is left out",
        "annotation 15: it has no key 'image_id'; the box is left out",
        "annotation number 5 (counted from 0): it is no dictionary; the box is left out",
        "annotation 16: 'iscrowd' must be 0 or 1, not 'no'; the object is left out",
        "image 8: it has the same file_name '000000000001.png' as 1; the image is left out",
        "category 30: it has no key 'name'; its annotations are left out",
    ):
        assert f"{files.json}, {words}" in texts
    with pytest.raises(BadData) as caught:
        files.open()
    assert caught.value.issues == data.issues
    assert len(data.issues) == 8


@pytest.mark.parametrize(
    ("bbox", "words"),
    [
        ((20, 3, 29, 19), "it would fit as x1, y1, x2, y2"),
        ((3, 22, 10, 5), "it would fit as y, x, height, width"),
        ((0.1, 0.2, 0.5, 0.5), "are they fractions of the width and height?"),
    ],
)
def test_numbers_in_another_order_are_recognized(files, bbox, words):
    files.add(annotation(11, bbox=bbox)).refused("annotation 11", words)


def test_the_background_is_no_category(files):
    files.content["categories"].append({"id": 0, "name": "__background__"})
    files.refused("category 0", "'__background__'", "class 0 by itself")
    data = files.add(annotation(11), annotation(12, category=0)).open(bad_data="skip")
    assert data.class_names == ("car", "cat", "toothbrush")
    assert data[0][2].tolist() == [1]


def test_missing_and_damaged_images(files):
    files.open().image_path(1).unlink()
    files.refused("image 139", "000000000139.png", "does not exist")
    (files.path / "images/000000000007.png").write_bytes(b"")
    message = files.refused("image 139", "first of 2")
    assert "image 7" not in message
    data = files.add(annotation(11), annotation(12, 7), annotation(13, 139)).open(bad_data="skip")
    assert data.image_ids == (1,)
    assert [issue.effect for issue in data.issues] == [IMAGE_OUT] * 2
    assert len(list(data)) == 1
    (files.path / "images/000000000001.png").unlink()
    files.refused("none of its images can be used", "image 1", bad_data="skip")


def test_a_size_that_is_not_the_file_s(files):
    files.content["images"][1].update(width=20, height=30)
    files.content["images"][0].update(width=0, height=0)
    del files.content["images"][2]["width"]
    data = files.add(annotation(11, 139, bbox=(1, 1, 28, 18))).open(bad_data="skip")
    (issue,) = data.issues
    assert "image 139" in str(issue)
    assert "20 x 30" in str(issue)
    assert "30 x 20" in str(issue)
    assert data.image_ids == (1, 7)
    assert data.image_size(1) == (30, 20)
    files.refused("image 139", "20 x 30")


def test_of_several_folders_that_which_holds_the_first_image(files):
    files.open()
    data = COCODataset(files.json, [files.path, files.path / "images"])
    assert data.folder == files.path / "images"
    with pytest.raises(InputError, match="image 1: .*000000000001.png does not exist"):
        COCODataset(files.json, [files.path / "no", files.path])


# ---- what works with it ----------------------------------------------------------------------------------------------


def test_it_is_described_with_its_problems(files):
    files.add(annotation(11), annotation(12, category=90, iscrowd=1), annotation(13, bbox=(1, 1, 0, 4)))
    text = summarize(files.open(bad_data="skip"), TINY)
    assert "3 images, 2 without objects; 2 objects of 3 classes, 1 difficult" in text
    assert "issues: 1\n  instances.json, annotation 13, box [1, 1, 0, 4]: the box has zero size" in text
