"""Names that were written on another machine, or by a server, for the images of this one."""

import json
import os
from unicodedata import normalize

import pytest

from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.coco.images import ImageFinder
from numpyssd.errors import InputError


@pytest.fixture
def root(tmp_path):
    for name in ("images/a b.jpg", "images/day1/c.jpg", "images/day2/c.jpg", "images/Fensterläden.png", "d.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / normalize("NFD", name)).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a b.jpg", "images/a b.jpg"),
        ("A B.JPG", "images/a b.jpg"),
        ("images\\a b.jpg", "images/a b.jpg"),
        ("./images/a b.jpg", "images/a b.jpg"),
        ("D:\\work\\pictures\\a b.jpg", "images/a b.jpg"),
        ("/home/other/pictures/day1/c.jpg", "images/day1/c.jpg"),
        ("D:\\work\\day2\\C.jpg", "images/day2/c.jpg"),
        ("a%20b.jpg", "images/a b.jpg"),
        ("https://example.org/data/upload/1/a%20b.jpg?token=1#x", "images/a b.jpg"),
        ("s3://bucket/day1/c.jpg", "images/day1/c.jpg"),
        ("/data/local-files/?d=pictures/a%20b.jpg", "images/a b.jpg"),
        ("images/3f2a1b4c-a b.jpg", "images/a b.jpg"),
        ("/data/upload/2/3f2a1b4c-a%20b.jpg", "images/a b.jpg"),
        (normalize("NFC", "Fensterläden.png"), "images/Fensterläden.png"),
        ("Fensterl%C3%A4den.PNG", "images/Fensterläden.png"),
        ("../d.jpg", "d.jpg"),
    ],
)
def test_names_of_other_machines(root, name, found):
    finder = ImageFinder([root / "images", root])
    assert finder.find(name).resolve() == (root / normalize("NFD", found)).resolve()


@pytest.mark.parametrize(
    "name", ["e.jpg", "day3/c.jpg", "c.jpg", "http://[/x.jpg", "a\0b.jpg", "/" * 5000 + "x", "%", "%00"]
)
def test_an_image_that_is_missing_is_named_where_it_should_be(root, name):
    finder = ImageFinder([root / "images", root])
    assert finder.find(name) == root / "images" / name
    assert finder.folder_of(name) == root / "images"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a b.jpeg", "images/a b.jpg"),
        ("D:\\pictures\\A B.PNG", "images/a b.jpg"),
        ("day1/c.png", "images/day1/c.jpg"),
        ("3f2a1b4c-a%20b.png", "images/a b.jpg"),
        ("a b", "images/a b.jpg"),
        ("a b.v2", None),
        ("e.png", None),
        ("d.png", None),
    ],
)
def test_an_image_with_another_ending(root, name, found):
    for twin in ("e.jpg", "e.jpeg"):
        (root / "images" / twin).write_bytes(b"x")
    finder = ImageFinder([root / "images", root])
    assert finder.of_same_stem(name, {root / "d.jpg"}) == (root / found if found else None)


def test_the_name_itself_comes_first(root):
    (root / "3f2a1b4c-d.jpg").write_bytes(b"x")
    (root / "a%20b.jpg").write_bytes(b"x")
    finder = ImageFinder([root, root / "images"])
    assert finder.find("3f2a1b4c-d.jpg").name == "3f2a1b4c-d.jpg"
    assert finder.find("a%20b.jpg").name == "a%20b.jpg"
    assert finder.find(str(root / "d.jpg")) == root / "d.jpg"  # a whole path of this machine
    assert ImageFinder([root / "no", root]).find("d.jpg") == root / "d.jpg"
    if os.name != "nt":
        (root / "x\\d.jpg").write_bytes(b"x")
        assert finder.find("x\\d.jpg").name == "x\\d.jpg"


def test_a_file_name_longer_than_any_file_is_missing(tmp_path):
    content = {
        "images": [{"id": 1, "file_name": "9" * 5000}],
        "annotations": [],
        "categories": [{"id": 1, "name": "nut"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="image 1: .*File name too long"):
        COCODataset(tmp_path / "a.json", tmp_path)
