from math import pi

import pytest

from numpyssd.datasets.voc.annotation import check_box, read_annotation
from numpyssd.datasets.voc.annotation_warnings import annotation_warnings
from numpyssd.errors import InputError

BOX = "<bndbox><xmin>3</xmin><ymin>4</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>"


def written(tmp_path, *objects):
    path = tmp_path / "a.xml"
    inside = "".join(f"<object><name>cat</name><difficult>0</difficult>{text}</object>" for text in objects)
    size = "<filename>a.jpg</filename><size><width>30</width><height>20</height></size>"
    path.write_text(f"<annotation>{size}{inside}</annotation>")
    return path


@pytest.mark.parametrize(
    ("outline", "box"),
    [
        ("<polygon><pt><x>2</x><y>3</y></pt><pt><x>9</x><y>8</y></pt></polygon>", (2, 3, 9, 8)),
        ("<polygon><x1>2</x1><y1>3</y1><x2>9</x2><y2>3.5</y2><x3>4</x3><y3>8</y3></polygon>", (2, 3, 9, 8)),
        ("<robndbox><cx>10</cx><cy>8</cy><w>8</w><h>4</h><angle>0</angle></robndbox>", (6, 6, 14, 10)),
        (f"<robndbox><cx>10</cx><cy>8</cy><w>8</w><h>4</h><angle>{pi / 2}</angle></robndbox>", (8, 4, 12, 12)),
        (BOX + "<polygon><x1>20</x1><y1>3</y1><x2>29</x2><y2>19</y2></polygon>", (2, 3, 9, 8)),  # Roboflow writes both
    ],
)  # fmt: skip
def test_the_box_around_an_outline(tmp_path, outline, box):
    (item,) = read_annotation(written(tmp_path, outline)).objects
    found, _, sentence = check_box(item.corners, 30, 20)
    assert found == pytest.approx(box)
    assert sentence is None


def test_a_turned_box_reaches_as_far_as_its_corners(tmp_path):
    text = f"<robndbox><cx>15</cx><cy>10</cy><w>10</w><h>10</h><angle>{pi / 4}</angle></robndbox>"
    (item,) = read_annotation(written(tmp_path, text)).objects
    half = 50**0.5  # half the diagonal
    assert check_box(item.corners, 30, 20)[0] == pytest.approx((15 - half, 10 - half, 15 + half, 10 + half))


def test_outlines_that_are_none(tmp_path):
    bad = ("<polygon/>", "<polygon><pt><x>2</x></pt></polygon>", "<robndbox><cx>1</cx></robndbox>", "<segm/>",
           "<polygon><pt><x>two</x><y>3</y></pt></polygon>")  # fmt: skip
    for item in read_annotation(written(tmp_path, *bad)).objects:
        assert "a corner is missing" in check_box(item.corners, 30, 20)[2]


def test_one_object_has_one_box(tmp_path):
    (item,) = read_annotation(written(tmp_path, BOX + BOX.replace("3", "1"))).objects
    box, said, sentence = check_box(item.corners, 30, 20)
    assert (box, said) == (None, ("2 boxes",))
    assert "make an <object> of each" in sentence


def test_outlines_and_turned_boxes_are_noted(tmp_path):
    turned = "<attributes><attribute><name>rotation</name><value>{}</value></attribute></attributes>"
    polygon = "<polygon><x1>2</x1><y1>3</y1><x2>9</x2><y2>8</y2></polygon>"
    path = written(tmp_path, BOX, polygon, BOX + turned.format("30.0"), BOX + turned.format("0.0"))
    texts = [str(warning).partition(": ")[2] for warning in annotation_warnings(path)]
    assert texts == [
        "an outline and no <bndbox>, object 1 (counted from 0); the box around the outline is taken",
        "boxes that are turned, object 2 (counted from 0); they are taken as if they were upright",
    ]


def test_marks_in_words(tmp_path):
    path = written(tmp_path, BOX + "<truncated>Yes</truncated>", BOX + "<truncated>no</truncated><pose>Left</pose>")
    path.write_text(path.read_text().replace("<difficult>0", "<difficult>TRUE", 1))
    assert [(item.difficult, item.truncated) for item in read_annotation(path).objects] == [
        (True, True),
        (False, False),
    ]
    assert annotation_warnings(path) == []


def test_corners_that_were_swapped_in_one_direction_are_recognized():
    assert "xmax, ymin, xmin, ymax)" in check_box(("20", "6", "8", "12"), 30, 20)[2]
    assert "xmin, ymax, xmax, ymin)" in check_box(("8", "12", "20", "6"), 30, 20)[2]


def test_cvat_s_own_format_is_called_by_its_name(tmp_path):
    (tmp_path / "a.xml").write_text("<annotations><version>1.1</version></annotations>")
    with pytest.raises(InputError, match="this is CVAT's own format: export as PASCAL VOC or COCO"):
        read_annotation(tmp_path / "a.xml")
