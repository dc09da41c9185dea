"""Folders with labels of two tools are refused; a second kind of label files for the same images is no matter."""

import json

import pytest
from PIL import Image
from voc_root import xml

from numpyssd.datasets.loading import load_dataset
from numpyssd.errors import InputError

TEXTS = {
    ".txt": "0 0.5 0.5 0.4 0.4\n",
    ".xml": xml([("bolt", (3, 3, 20, 15))]),
    ".json": json.dumps({"shapes": [{"label": "bolt", "points": [[3, 3], [20, 15]], "shape_type": "rectangle"}]}),
}


def add(folder, stem, *endings, labels=None):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (30, 20), "blue").save(folder / f"{stem}.png")
    for ending in endings:
        (labels or folder).mkdir(parents=True, exist_ok=True)
        ((labels or folder) / f"{stem}{ending}").write_text(TEXTS[ending])


@pytest.mark.parametrize(("first", "second"), [(".txt", ".xml"), (".json", ".xml"), (".json", ".txt")])
@pytest.mark.parametrize("apart", [False, True])
def test_images_of_two_tools(tmp_path, first, second, apart):
    (tmp_path / "classes.txt").write_text("bolt\n")
    images, labels = (tmp_path / "images", tmp_path / "labels") if apart else (tmp_path, None)
    add(images, "a", first, labels=labels)
    add(images, "b", second, labels=labels)
    with pytest.raises(InputError, match=rf"labels of two tools: .*b\{second} for one, 1 in all.*--data FIRST,SECOND"):
        load_dataset(tmp_path, "all", bad_data="skip")


@pytest.mark.parametrize("second", [".xml", ".json"])
def test_the_same_images_may_have_both(tmp_path, second):
    (tmp_path / "classes.txt").write_text("bolt\n")
    add(tmp_path, "a", ".txt", second)
    add(tmp_path, "b", ".txt", second)
    assert len(load_dataset(tmp_path, "all")) == 2


def test_other_files_beside_an_image_are_no_labels(tmp_path):
    add(tmp_path, "a", ".xml")
    add(tmp_path, "b")
    (tmp_path / "b.txt").write_text("a bolt on a table\n")
    (tmp_path / "b.json").write_text('{"camera": "x"}')
    assert len(load_dataset(tmp_path, "all", missing_labels="negative")) == 2


def test_a_folder_around_data_sets_of_two_tools(tmp_path):
    add(tmp_path / "first", "a", ".xml")
    add(tmp_path / "second", "b", ".json")
    with pytest.raises(InputError, match=r"folders in it are; name one, or all: --data \S+first,\S+second$") as error:
        load_dataset(tmp_path, "all")
    assert len(load_dataset(str(error.value).rpartition(" ")[2], "all")) == 2


def test_xml_that_was_verified_in_labelimg_is_a_label(tmp_path):
    (tmp_path / "classes.txt").write_text("bolt\n")
    add(tmp_path, "a", ".txt")
    add(tmp_path, "b", ".xml")
    text = (tmp_path / "b.xml").read_text().replace("<annotation>", '<annotation verified="yes">')
    assert "verified" in text
    (tmp_path / "b.xml").write_text(text)
    with pytest.raises(InputError, match="labels of two tools"):
        load_dataset(tmp_path, "all", bad_data="skip")
