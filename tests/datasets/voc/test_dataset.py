import os
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image
from voc_root import Root, xml

from numpyssd.datasets.issues import BOX_CUT, BOX_OUT, IMAGE_OUT, OBJECT_OUT, BadData
from numpyssd.datasets.voc import VOC_NAMES, VOCDataset
from numpyssd.errors import InputError

BCCD = Path(os.environ.get("NUMPYSSD_BCCD", Path(__file__).resolve().parents[3] / "../shared/data/bccd"))


@pytest.fixture
def root(tmp_path):
    return Root(tmp_path / "data")


GOOD = ("cat", (1, 1, 10, 10))


def refused(*words, **arguments):
    with pytest.raises(InputError) as caught:
        VOCDataset(**arguments)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert str(word) in message
    return message


def test_items(root):
    root.add("one", [("dog", (3, 4, 9, 8), "<difficult>1</difficult>"), ("cat", (1, 1, 30, 20))]).add("none")
    data = VOCDataset(root.path, class_names=["cat", "dog"])
    assert len(data) == 2
    assert data.class_names == ("cat", "dog")
    assert data.stems == ["one", "none"]
    image, boxes, labels, difficult = data[0]
    assert (image.shape, image.dtype) == ((20, 30, 3), np.uint8)
    assert boxes.tolist() == [[2, 3, 9, 8], [0, 0, 30, 20]]
    assert boxes.dtype == np.float32
    assert labels.tolist() == [2, 1]
    assert labels.dtype == np.int64
    assert difficult.tolist() == [True, False]
    assert data.image_size(0) == (30, 20)
    assert data.image_path(0) == root.path / "JPEGImages/one.png"
    assert data.annotation_path(0) == root.path / "Annotations/one.xml"
    assert data.issues == []
    _, boxes, labels, difficult = data[1]
    assert (boxes.shape, labels.shape, difficult.shape) == ((0, 4), (0,), (0,))
    assert (boxes.dtype, labels.dtype, difficult.dtype) == (np.float32, np.int64, bool)
    with pytest.raises(IndexError):
        data[2]
    assert len(list(data)) == 2


def test_annotation_does_not_decode_and_cannot_be_spoilt(root):
    root.add("one", [("cat", (1, 1, 9, 9), "<truncated>1</truncated>")])
    data = VOCDataset(root.path)
    data.image_path(0).unlink()
    boxes, labels, difficult, truncated = data.annotation(0)[:4]
    assert (labels.tolist(), difficult.tolist(), truncated.tolist()) == ([8], [False], [True])
    boxes[:] = -1
    assert data.annotation(0)[0].tolist() == [[0, 0, 9, 9]]


def test_voc_names_if_they_fit(root):
    root.add("one", [GOOD]).add("two", [("person", (1, 1, 9, 9))], split="val")
    assert VOCDataset(root.path).class_names == VOC_NAMES
    assert len(VOC_NAMES) == 20
    assert list(VOC_NAMES) == sorted(VOC_NAMES)


def test_every_split_numbers_the_classes_alike(root):
    root.add("one", [GOOD]).add("two", [("zebra", (1, 1, 9, 9)), ("ant", (1, 1, 9, 9))], split="val")
    for split in ("train", "val"):
        assert VOCDataset(root.path, split).class_names == ("ant", "cat", "zebra")
    assert VOCDataset(root.path)[0][2].tolist() == [2]


def test_broken_annotation_of_another_split_is_a_problem_not_an_end(root):
    root.add("one", [GOOD]).add("two", "<annotation>", split="val")
    (issue,) = VOCDataset(root.path).issues
    assert "two.xml" in issue.file
    assert "broken" in issue.sentence
    refused("two.xml", "line 1", root=root.path, split="val")


def test_bad_boxes_are_named_and_left_out(root):
    bad = {
        "zero size": (4, 5, 4, 9),
        "inverted": (9, 9, 3, 12),
        "outside": (40, 1, 50, 9),
        "not a number": ("x", 1, 2, 3),
    }
    root.add("one", [GOOD, *(("cat", corners) for corners in bad.values()), ("cat", (1, 1, 40, 10))])
    data = VOCDataset(root.path, bad_data="skip")
    assert data[0][1].tolist() == [[0, 0, 10, 10], [0, 0, 30, 10]]
    assert [issue.object_number for issue in data.issues] == [1, 2, 3, 4, 5]
    for issue, (word, corners) in zip(data.issues, bad.items()):
        assert issue.file.endswith("one.xml")
        assert issue.box == corners
        assert word in issue.sentence
    assert "10 pixels out of the image" in data.issues[-1].sentence
    assert [issue.effect for issue in data.issues] == [BOX_OUT] * 4 + [BOX_CUT]
    assert not any(issue.is_warning for issue in data.issues)
    refused("one.xml", "object 1", "[4, 5, 4, 9]", "first of 5", "--bad-data skip", root=root.path)
    with pytest.raises(BadData) as caught:
        VOCDataset(root.path)
    assert caught.value.issues == data.issues
    with pytest.raises(ValueError, match="bad_data"):
        VOCDataset(root.path, bad_data="ignore")


def test_a_box_that_rounding_moved_over_the_edge_is_no_problem(root):
    root.add("one", [("cat", (0, 0, 31, 21))])
    data = VOCDataset(root.path, bad_data="error")
    assert data.issues == []
    assert data[0][1].tolist() == [[0, 0, 30, 20]]


def test_unknown_class(root):
    root.add("one", [GOOD, ("dgo", (1, 1, 9, 9))]).add("two", [("", (1, 1, 9, 9))])
    message = refused(
        "one.xml", "object 1", "'dgo'", "cat, dog", "first of 2", root=root.path, class_names=("cat", "dog")
    )
    assert "two.xml" not in message


def test_missing_files_name_the_first_and_count(root):
    root.add("one", [GOOD], image=None).add("two", [GOOD], image=None).add("three", [GOOD])
    refused("one", "no image", "first of 2", root=root.path)
    (root.path / "Annotations/three.xml").unlink()
    refused("three.xml", "does not exist", root=root.path)


def test_damaged_images_and_xml_stop_at_once(root):
    root.add("one", [GOOD])
    (root.path / "JPEGImages/one.png").write_bytes(b"")
    refused("one.png", "empty", root=root.path)
    root.add("two", "<annotation>\n<object>\n", split="val")
    refused("two.xml", "line 3", root=root.path, split="val")


def test_everything_bad_is_listed_and_left_out(root):
    """One image for each issue; only the first two are of use."""
    root.add("good", [GOOD]).add("mixed", [GOOD, ("dgo", (1, 1, 9, 9)), ("", (1, 1, 9, 9)), ("cat", (4, 4, 4, 9))])
    root.add("no xml", [GOOD]).add("no image", [GOOD], image=None).add("broken", "<annotation>").add("zero", [GOOD])
    root.add("cut", [GOOD]).add("size", [GOOD])
    (root.path / "Annotations/no xml.xml").unlink()
    (root.path / "JPEGImages/zero.png").write_bytes(b"")
    cut = root.path / "JPEGImages/cut.png"
    cut.write_bytes(cut.read_bytes()[:60])
    (root.path / "Annotations/size.xml").write_text(xml([GOOD], size=(60, 40)))
    data = VOCDataset(root.path, class_names=("cat",), bad_data="skip")
    assert data.stems == ["good", "mixed"]
    assert [len(data.annotation(i)[1]) for i in range(2)] == [1, 1]
    assert len(list(data)) == len(data) == 2
    found = [(Path(p.file).name, p.object_number, p.effect) for p in data.issues]
    assert found == [
        ("no xml.xml", None, IMAGE_OUT), ("broken.xml", None, IMAGE_OUT),
        ("mixed.xml", 1, OBJECT_OUT), ("mixed.xml", 2, OBJECT_OUT), ("mixed.xml", 3, BOX_OUT),
        ("no image", None, IMAGE_OUT), ("zero.png", None, IMAGE_OUT), ("cut.png", None, IMAGE_OUT),
        ("size.xml", None, IMAGE_OUT),
    ]  # fmt: skip
    with pytest.raises(BadData, match="first of 9") as caught:
        VOCDataset(root.path, class_names=("cat",))
    assert caught.value.issues == data.issues


def test_nothing_left_of_a_split(root):
    root.add("one", "<annotation>")
    refused("none of the 1 images", "'train'", "one.xml, line 1", root=root.path, bad_data="skip")
    refused("one.xml, line 1", "broken", root=root.path)


def test_an_object_of_the_background_is_an_issue_whoever_names_the_classes(root):
    root.add("one", [GOOD, ("Background", (1, 1, 9, 9))])
    refused("object 1", "'Background'", "class 0 by itself", root=root.path)
    assert VOCDataset(root.path, bad_data="skip")[0][2].tolist() == [8]


def test_names_with_blanks_accents_and_capitals(root):
    for stem in ("my photo 1", "\u00fc\u00e9\u732b", "a.b.c", "UPPER"):
        root.add(stem, [GOOD], image="{}.JPG")
    (root.path / "Annotations/UPPER.xml").rename(root.path / "Annotations/UPPER.XML")
    data = VOCDataset(root.path)
    assert data.issues == []
    assert len(list(data)) == 4
    assert data.annotation_path(3).name == "UPPER.XML"


def test_accents_composed_in_the_list_and_not_in_the_names(root):
    """As macOS names files."""
    root.add(normalize("NFD", "\u00fcber"), [GOOD])
    (root.path / "ImageSets/Main/train.txt").write_text(normalize("NFC", "\u00fcber") + "\n")
    data = VOCDataset(root.path)
    assert data.issues == []
    assert data.image_path(0).is_file()


def test_image_endings(root):
    root.add("a", image="{}.JPG", file_name="other.jpg").add("b", image="{}.jpeg", file_name="b.jpg")
    root.add("c", image="C.Png", file_name="").add("d", image="{}.webp", file_name="C:\\folder\\d.webp")
    root.add("e", image="{}.bmp").add("f", image="{}.png", file_name="f.png")
    Image.new("RGB", (30, 20)).save(root.path / "JPEGImages/f.jpg")  # <filename> decides
    data = VOCDataset(root.path)
    names = [data.image_path(i).name for i in range(6)]
    assert names == ["a.JPG", "b.jpeg", "C.Png", "d.webp", "e.bmp", "f.png"]


def test_split_files(root):
    """Windows line ends, a byte order mark, blank lines, VOC's files per class, names with a blank, repetitions."""
    root.add("one").add("two").add("my photo 1")
    path = root.path / "ImageSets/Main/train.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\r\ntwo -1\r\nmy photo 1\r\none\r\n")
    data = VOCDataset(root.path)
    assert data.stems == ["one", "two", "my photo 1"]
    (issue,) = data.issues
    assert issue.file == str(path)
    assert "line 5 repeats 'one' of line 1" in issue.sentence
    path.write_bytes("\ufeffone\r\ntwo\r\n".encode("utf-16-le"))
    assert VOCDataset(root.path).stems == ["one", "two"]
    path.write_bytes(b"\xe9")
    refused("train.txt", "UTF-8", root=root.path)
    path.write_text("\n")
    refused("train.txt", "lists no image", root=root.path)
    refused("tset.txt", "train", root=root.path, split="tset")


def test_roots(root, tmp_path):
    root.add("one", [GOOD])
    assert VOCDataset(tmp_path).root == root.path  # the only one below
    assert VOCDataset(str(root.path)).root == root.path
    Root(tmp_path / "other")
    refused("several", "other", root=tmp_path)
    refused("not a folder", tmp_path / "no", root=tmp_path / "no")
    (tmp_path / "empty").mkdir()
    refused("Annotations", root=tmp_path / "empty")
    (tmp_path / "half/Annotations").mkdir(parents=True)
    refused("no folder JPEGImages", root=tmp_path / "half")


def test_a_devkit_within_a_folder(tmp_path):
    root = Root(tmp_path / "VOCdevkit/VOC2007").add("one", [GOOD])
    assert VOCDataset(tmp_path).root == root.path


@pytest.mark.parametrize(
    "names", ["cat", (), ("cat", 3), ("cat", "cat"), ("background", "cat"), ("__background__", "cat")]
)
def test_wrong_class_names(root, names):
    root.add("one", [GOOD])
    with pytest.raises(ValueError, match="class_names"):
        VOCDataset(root.path, class_names=names)


def test_a_size_that_is_not_the_image_s(root):
    """Boxes count on the image as a viewer shows it; an annotation of the stored pixels is reported."""
    exif = Image.Exif()
    exif[0x0112] = 6
    root.add("one", [GOOD], exif=exif).add("two", [GOOD], exif=exif)
    (root.path / "Annotations/two.xml").write_text(xml([("cat", (1, 1, 20, 30))], size=(20, 30)))
    data = VOCDataset(root.path, bad_data="skip")
    assert data.stems == ["two"]  # the boxes of the other one may lie anywhere
    assert data.image_size(0) == (20, 30)
    assert data[0][0].shape == (30, 20, 3)
    (issue,) = data.issues
    refused("one.xml", "30 x 20", root=root.path)
    assert "one.xml" in issue.file
    assert "30 x 20" in issue.sentence
    assert issue.object_number is None


def test_zero_and_missing_sizes_are_not_compared(root):
    root.add("one", [GOOD], size=(30, 20))
    for size in (None, (0, 0)):
        (root.path / "Annotations/one.xml").write_text(xml([GOOD], size=size))
        assert VOCDataset(root.path).issues == []


# ---- real photographs: counts and issues as its SOURCE.md lists them ----

needs_bccd = pytest.mark.skipif(not (BCCD / "Annotations").is_dir(), reason=f"{BCCD} is absent; set NUMPYSSD_BCCD")


@needs_bccd
@pytest.mark.parametrize(
    ("split", "images", "white", "red", "platelets", "issues"),
    [
        ("train", 205, 214, 2382, 209, [("BloodImage_00343.xml", 3, (181, 329, 181, 329))]),
        ("val", 87, 87, 968, 83, [("BloodImage_00338.xml", 12, (504, 337, 504, 337))]),
        ("test", 72, 71, 805, 69, []),
    ],
)
def test_bccd(split, images, white, red, platelets, issues):
    data = VOCDataset(BCCD, split, bad_data="skip")
    assert len(data) == images
    assert data.class_names == ("Platelets", "RBC", "WBC")
    counts = np.bincount(np.concatenate([data.annotation(i)[1] for i in range(images)]), minlength=4)
    assert counts.tolist() == [0, platelets, red - len(issues), white]  # a zero-size red cell is left out
    assert [(Path(p.file).name, p.object_number, p.box) for p in data.issues] == issues
    assert all("zero size" in p.sentence for p in data.issues)
    image, boxes, labels, difficult = data[0]
    assert image.shape == (480, 640, 3)
    assert len(boxes) == len(labels) == len(difficult)
    assert not difficult.any()


@needs_bccd
def test_bccd_with_errors():
    refused("BloodImage_00343.xml", "object 3", "[181, 329, 181, 329]", root=BCCD, bad_data="error")
