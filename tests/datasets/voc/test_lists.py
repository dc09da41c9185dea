"""Lists as tools write them, and folders without lists."""

import pytest
from PIL import Image
from voc_root import Root, xml

from numpyssd.datasets.issues import BadData
from numpyssd.datasets.voc import VOCDataset
from numpyssd.datasets.voc.layout import has_split, image_folder, load, split_names
from numpyssd.errors import InputError

HOLE, CRACK = ("hole", (1, 1, 10, 10)), ("crack", (2, 2, 9, 9))


@pytest.fixture
def root(tmp_path):
    return Root(tmp_path / "data")


def lists(root, **texts):
    for path in root.path.glob("ImageSets/Main/*"):
        path.unlink()
    for name, text in texts.items():
        (root.path / f"ImageSets/Main/{name}.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "img001.jpg", "img001.PNG", "img001.xml", "./img001", "JPEGImages/img001.png", "img001.png 1",
        "C:\\data\\paths\\JPEGImages\\img001.jpg", "/home/other/obj_train_data/img001.jpg",
        "JPEGImages/img001.png Annotations/img001.xml", "IMG001", "img001\t-1",
    ],
)  # fmt: skip
def test_a_line_stands_for_the_image_that_it_can_only_mean(root, line):
    root.add("img001", [HOLE])
    lists(root, train=f"{line}\n")
    data = VOCDataset(root.path)
    assert data.issues == []
    assert data.image_path(0).name == "img001.png"
    assert data.annotation_path(0).name == "img001.xml"


def test_endings_and_marks_that_belong_to_the_name_stay(root):
    stems = ("photo.jpg", "a.b.c", "Screen shot 16.42.01 1")
    for stem in stems:
        root.add(stem, [HOLE])
    assert VOCDataset(root.path).stems == list(stems)
    lists(root, train="Screen shot 16.42.01 1\n")  # the XML in other capitals, as case-keeping systems allow
    path = root.path / "Annotations/Screen shot 16.42.01 1.xml"
    path.rename(path.with_name("screen SHOT 16.42.01 1.xml"))
    assert len(VOCDataset(root.path)) == 1
    assert split_names(root.path) == {"train"}  # and no list for one class


def test_a_line_that_means_nothing_is_named_as_it_stands(root):
    root.add("a", [HOLE])
    lists(root, train="a\nfolder/b.jpg\n")
    with pytest.raises(BadData, match=r"folder/b\.jpg\.xml does not exist"):
        VOCDataset(root.path)


def test_folders_in_the_names(root):
    """As CVAT writes them; the class names are those of every folder, and equal names in two folders are two images."""
    for folder in ("Annotations", "JPEGImages"):
        for day in ("day1", "day2"):
            (root.path / folder / "site A" / day).mkdir(parents=True)
    root.add("site A/day1/img", [CRACK]).add("site A/day2/img", [HOLE], split="val")
    data = VOCDataset(root.path)
    assert data.class_names == VOCDataset(root.path, "val").class_names == ("crack", "hole")
    assert data.image_path(0) == root.path / "JPEGImages/site A/day1/img.png"
    lists(root, train="data\\site A\\day2\\img.png\n")
    assert VOCDataset(root.path)[0][2].tolist() == [2]


# ---- splits ----------------------------------------------------------------------------------------------------------


def test_lists_for_each_class_alone_make_the_splits(root):
    """As VoTT writes them (src/providers/export/pascalVOC.ts at github.com/microsoft/VoTT): every image in each."""
    for stem in ("a", "b b", "c"):
        root.add(stem, [HOLE])
    lists(root, hole_train="a.png 1\nb b.png -1\n", _crack_train="a.png -1\nb b.png 1", hole_val="c.png 1\n")
    assert split_names(root.path) == {"train", "val"}
    assert load(root.path, "train", None, True, "error").stems == ["a", "b b"]
    assert VOCDataset(root.path, "hole_val").stems == ["c"]
    with pytest.raises(InputError, match=r"test\.txt does not exist; the splits there are: train, val"):
        VOCDataset(root.path, "test")
    lists(root, hole="a.png 1\nb b.png -1\n", crack="a.png -1\nb b.png 1\n")  # as it writes them without a test share
    assert split_names(root.path) == set()
    assert load(root.path, None, None, True, "error").stems == ["a", "b b"]


def test_a_list_of_its_own_comes_before_those_for_classes(root):
    root.add("a", [HOLE]).add("b", [HOLE])
    lists(root, train="a\n", cat_train="a 1\nb 1\n")
    assert split_names(root.path) == {"train"}
    assert VOCDataset(root.path).stems == ["a"]


def test_a_single_list_that_is_no_split_is_the_whole_folder(root):
    root.add("a", [HOLE]).add("b", [HOLE])
    lists(root, default="b\n")
    assert split_names(root.path) == set()
    assert has_split(root.path, "default")
    assert not has_split(root.path, "train")
    for split in (None, "default"):
        assert load(root.path, split, None, True, "error").stems == ["b"]
    lists(root, default="b\n", other="a\n")
    assert split_names(root.path) == {"default", "other"}
    assert load(root.path, None, None, True, "error").stems == ["b", "a"]
    for name in ("val2012", "my-test", "train"):
        lists(root, **{name: "b\n"})
        assert split_names(root.path) == {name}


# ---- folders without lists, images without XML -----------------------------------------------------------------------


@pytest.mark.parametrize(("annotations", "images"), [("Annotations", "images"), ("annotations", "Images")])
def test_a_folder_without_lists(tmp_path, annotations, images):
    """Label Studio's export: Annotations and images (label_studio_converter/converter.py, convert_to_voc)."""
    root = Root(tmp_path / "data").add("b", [HOLE]).add("a", [CRACK]).add("new", [])
    (root.path / "Annotations/new.xml").unlink()
    lists(root)
    (root.path / "ImageSets/Main").rmdir()
    (root.path / "ImageSets").rmdir()
    (root.path / "Annotations").rename(root.path / annotations)
    (root.path / "JPEGImages").rename(root.path / images)
    assert split_names(root.path) == set()
    assert image_folder(root.path, None) == root.path / images
    data = load(root.path, None, None, True, "error")
    assert (data.stems, data.class_names) == (["a", "b"], ("crack", "hole"))
    (issue,) = data.issues
    assert issue.is_warning
    assert "1 of 3 images have no XML file; left out (or use --missing-labels negative)" in str(issue)
    assert load(root.path, None, None, True, "error", "negative").stems == ["a", "b", "new"]


def test_images_without_xml_may_be_negatives(root):
    for stem in "abc":
        root.add(stem, [HOLE])
    (root.path / "Annotations/b.xml").unlink()
    with pytest.raises(BadData, match=r"b\.xml does not exist; add it, or --missing-labels negative takes images"):
        VOCDataset(root.path)
    data = VOCDataset(root.path, missing_labels="negative")
    assert [len(data.annotation(i).boxes) for i in range(3)] == [1, 0, 1]
    (issue,) = data.issues
    assert issue.is_warning
    assert "1 of 3 images have no XML file; taken for images without objects" in str(issue)
    (root.path / "JPEGImages/b.png").unlink()  # neither label nor image: no negative
    with pytest.raises(BadData, match=r"b\.xml does not exist"):
        VOCDataset(root.path, missing_labels="negative")
    with pytest.raises(ValueError, match="missing_labels"):
        VOCDataset(root.path, missing_labels="skip")


def test_an_xml_file_without_objects_is_a_negative(root):
    root.add("a", [HOLE]).add("none", [])
    root.add("bare", "<annotation/>").add("empty tag", "<annotation><size/><object_count>0</object_count></annotation>")
    data = VOCDataset(root.path)
    assert data.issues == []
    assert [len(data.annotation(i).boxes) for i in range(4)] == [1, 0, 0, 0]


def test_an_image_of_another_name_is_found_by_filename(root):
    root.add("0001", image=None, objects=xml([HOLE], file_name="C:\\photos\\DSC 1.PNG"))
    Image.new("RGB", (30, 20)).save(root.path / "JPEGImages/dsc 1.png")
    assert VOCDataset(root.path).image_path(0).name == "dsc 1.png"


def test_folders_without_images_or_without_anything(root, tmp_path):
    (root.path / "JPEGImages").rmdir()
    with pytest.raises(InputError, match="has no folder JPEGImages"):
        VOCDataset(root.path)
    (root.path / "JPEGImages").mkdir()
    with pytest.raises(InputError, match="has no image in JPEGImages and no XML file"):
        VOCDataset(root.path, None)


def test_hidden_files_are_none_and_folders_that_are_links_are_entered(root, tmp_path):
    """macOS packs ._a.jpg beside a.jpg; a link to a folder above it has no end."""
    root.add("a", [HOLE])
    lists(root)
    for name in ("JPEGImages/._a.png", "Annotations/._a.xml", "Annotations/.DS_Store"):
        (root.path / name).write_bytes(b"\0\5\26\7")
    assert VOCDataset(root.path, None).stems == ["a"]
    for folder in ("Annotations", "JPEGImages"):
        (tmp_path / folder).mkdir()
        (root.path / folder / "more").symlink_to(tmp_path / folder)
        (root.path / folder / "again").symlink_to(root.path / folder)
    root.add("more/b", [CRACK])
    lists(root)
    data = VOCDataset(root.path, None)
    assert (data.stems, data.class_names) == (["a", "more/b"], ("crack", "hole"))
