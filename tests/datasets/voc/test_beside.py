import pytest
from exports import desktop
from exports.pictures import NAMES, STEMS, save_picture, voc_xml, write

from numpyssd.datasets.issues import BadData
from numpyssd.datasets.layouts import layout_of, splits_of
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.voc import beside_layout as layout
from numpyssd.datasets.voc.beside import XMLBeside
from numpyssd.errors import InputError

SORTED = tuple(sorted(NAMES))


def fill(root, images, labels, splits=(("train", (0, 1, 2)), ("val", (3, 4)))):
    for split, numbers in splits:
        for i in numbers:
            save_picture(root / images.format(split) / f"{STEMS[i]}.jpg", i)
            write(root / labels.format(split) / f"{STEMS[i]}.xml", voc_xml(i, f"{STEMS[i]}.jpg"))
    return root


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("{}", "{}"),
        ("images/{}", "images/{}"),
        ("images/{}", "labels/{}"),
        ("images/{}", "annotations/{}"),
        ("{}/images", "{}/labels"),
        ("{}/images", "{}/annotations"),
        ("{}/JPEGImages", "{}/xml"),
        ("Training set/{}ing", "Training set/{}ing"),
    ],
)
def test_every_layout_with_splits(tmp_path, images, labels):
    splits = ("train", "test") if "ing" in images else ("train", "val")
    fill(tmp_path, images, labels, [(splits[0], (0, 1, 2)), (splits[1], (3, 4))])
    assert layout_of(tmp_path) is layout
    assert splits_of(tmp_path) == list(splits)
    first, second = (load_dataset(tmp_path, split) for split in splits)
    assert (first.class_names, len(first), len(second), first.issues) == (SORTED, 3, 2, [])
    assert [len(first[i].boxes) for i in range(3)] == [2, 1, 0]
    assert layout.image_folder(tmp_path, splits[1]) == second.image_path(0).parent
    assert first.annotation_path(0).parent == tmp_path / labels.format(splits[0])
    assert len(XMLBeside(tmp_path, None)) == 5


@pytest.mark.parametrize(
    ("images", "labels"), [("", ""), ("images", "xmls"), ("photos", "photos"), ("a/b", "a/b"), ("", "Annotations")]
)
def test_every_layout_without_splits(tmp_path, images, labels):
    fill(tmp_path, images, labels)
    assert layout_of(tmp_path) is layout
    assert splits_of(tmp_path) == []
    assert len(XMLBeside(tmp_path, None)) == 5


def test_the_same_name_in_two_splits(tmp_path):
    for split, i in (("train", 0), ("val", 1)):
        save_picture(tmp_path / split / "images/a.jpg", i)
        write(tmp_path / split / "labels/a.xml", voc_xml(i, "a.jpg"))
    assert [len(load_dataset(tmp_path, split)[0].boxes) for split in ("train", "val")] == [2, 1]


def test_classes_are_the_names_found_even_if_voc_has_them_too(tmp_path):
    save_picture(tmp_path / "a.jpg", 1)
    write(tmp_path / "a.xml", voc_xml(1, "a.jpg").replace("nut", "person"))
    assert XMLBeside(tmp_path, None).class_names == ("person",)
    with pytest.raises(BadData, match="class 'person' is not one of the dog"):
        XMLBeside(tmp_path, None, class_names=["dog"])
    write(tmp_path / "a.xml", voc_xml(2, "a.jpg"))
    with pytest.raises(InputError, match="no XML file there has an object"):
        XMLBeside(tmp_path, None)


def test_an_image_without_an_xml_file_is_not_labeled_yet_or_a_negative(tmp_path):
    desktop.labelimg_voc(tmp_path)
    (tmp_path / "img001.xml").unlink()
    data = XMLBeside(tmp_path, None)
    assert len(data) == 5
    assert [issue.sentence for issue in data.issues] == ["1 of 6 images have no XML file"]
    assert len(XMLBeside(tmp_path, None, missing_labels="negative")) == 6


def test_a_split_in_which_nothing_is_labeled(tmp_path):
    fill(tmp_path, "{}", "{}")
    for path in (tmp_path / "val").glob("*.xml"):
        path.unlink()
    words = r"none of the 2 images of the split 'val' can be used: .*2 of 2 images have no XML file"
    with pytest.raises(BadData, match=words):
        XMLBeside(tmp_path, "val")
    assert len(XMLBeside(tmp_path, "val", missing_labels="negative")) == 2


def test_what_is_wrong_is_named_as_in_voc(tmp_path):
    desktop.labelimg_voc(tmp_path)
    (tmp_path / "img003.jpg").unlink()
    write(tmp_path / "img000.xml", voc_xml(0, "a.jpg").replace("<xmax>24</xmax>", "<xmax>90</xmax>"))
    write(tmp_path / "img001.xml", "<annotation>")
    with pytest.raises(BadData) as caught:
        XMLBeside(tmp_path, None)
    text = " ".join(map(str, caught.value.issues))
    assert "img001.xml, line 1: the XML is broken" in text
    assert "img003 has no image with the ending" in text
    assert "reaches 26 pixels out of the image" in text
    assert len(XMLBeside(tmp_path, None, bad_data="skip")) == 4


@pytest.mark.parametrize("text", ["<project><component/></project>", "<annotations><image id='0'/></annotations>"])
def test_an_xml_file_of_something_else_is_a_warning_unless_it_stands_beside_an_image(tmp_path, text):
    desktop.labelimg_voc(tmp_path)
    (tmp_path / "img001.xml").unlink()
    write(tmp_path / "project.xml", text)
    data = load_dataset(tmp_path, "all")
    assert len(data) == 5
    assert [issue.sentence.split(":")[0] for issue in data.issues] == [
        f"{tmp_path / 'project.xml'} is no VOC annotation",
        "1 of 6 images have no XML file",
    ]
    assert len(XMLBeside(tmp_path, None, missing_labels="negative")) == 6
    (tmp_path / "project.xml").rename(tmp_path / "img001.xml")
    with pytest.raises(BadData, match="img001.xml is no VOC annotation"):
        XMLBeside(tmp_path, None)


def test_an_xml_file_of_something_else_above_the_splits_stops_none_of_them(tmp_path):
    fill(tmp_path, "{}", "{}")
    write(tmp_path / "project.xml", "<project></project>")
    for split, count in (("train", 3), ("val", 2)):
        data = load_dataset(tmp_path, split)
        assert (len(data), [issue.is_warning for issue in data.issues]) == (count, [True])


def test_a_split_that_is_not_there_and_other_xml_files(tmp_path):
    fill(tmp_path, "{}", "{}")
    with pytest.raises(InputError, match="no split 'test'; the splits there are: train, val"):
        XMLBeside(tmp_path, "test")
    other = tmp_path / "other"
    save_picture(other / "a.jpg", 0)
    write(other / "a.xml", "<svg></svg>")
    assert not layout.recognizes(other)
