import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.annotation import check_box, read_annotation
from numpyssd.errors import InputError

WHOLE = """<annotation>
  <filename>a.jpg</filename>
  <size><width>30</width><height>20</height><depth>3</depth></size>
  <object>
    <name> cat </name><truncated>1</truncated><difficult>1</difficult>
    <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
    <bndbox><ymin>4</ymin><xmax>9</xmax><xmin>3</xmin><ymax>8.5</ymax></bndbox>
  </object>
  <object><name>dog</name><bndbox><xmin>1</xmin></bndbox></object>
  <object><name>cow</name></object>
</annotation>"""


def write(tmp_path, content):
    path = tmp_path / "a.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_read(tmp_path):
    """The parts of a person are no objects, the order of the corners does not matter, missing marks mean 0."""
    file_name, size, objects = read_annotation(write(tmp_path, WHOLE))
    assert (file_name, size) == ("a.jpg", (30, 20))
    assert objects[0] == ("cat", ("3", "4", "9", "8.5"), True, True)
    assert objects[1] == ("dog", ("1", None, None, None), False, False)
    assert objects[2] == ("cow", (None,) * 4, False, False)


def test_no_objects_no_size(tmp_path):
    assert read_annotation(write(tmp_path, "<annotation/>")) == ("", None, [])
    zero = "<annotation><size><width>0</width><height>0</height></size></annotation>"
    assert read_annotation(write(tmp_path, zero)).size is None


def test_byte_order_mark_and_encodings(tmp_path):
    name = "<annotation><object><name>k\u00e4fer</name></object></annotation>"
    assert read_annotation(write(tmp_path, name.encode("utf-8-sig"))).objects[0].name == "k\u00e4fer"
    latin = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + name.encode("latin-1")
    assert read_annotation(write(tmp_path, latin)).objects[0].name == "k\u00e4fer"


BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]>
<annotation><filename>&c;</filename></annotation>"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<annotation>\n  <object>\n</annotation>", ("line 3", "broken")),
        ("", ("line 1", "broken")),
        ("no XML at all", ("line 1", "broken")),
        (BOMB, ("line 2", "DOCTYPE", "refused")),
        ('<annotation>\n\n<!ENTITY b "x"></annotation>', ("line 3", "ENTITY")),
        (BOMB.encode("utf-16"), ("UTF-8", "NUL")),
        (b"<annotation>\0</annotation>", ("UTF-8", "NUL")),
        (b"\x89PNG\r\n\x1a\n", ("line 1", "broken")),
        ('<?xml version="1.0" encoding="cp037"?><annotation/>', ("line 1",)),
        ("<annotation>" + "<object>" * 100_000, ("line 1", "broken")),
        ('<?xml version="1.0" encoding="no-such"?><annotation/>', ("line 1",)),
        ("<coco/>", ("<coco>", "no VOC annotation")),
        (b"<annotation>" + b" " * 10_000_000 + b"</annotation>", ("10000000 bytes",)),
    ],
)
def test_refused_in_one_sentence_with_file_and_line(tmp_path, content, words):
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_annotation(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    for word in words:
        assert word in message


def test_missing_and_folder(tmp_path):
    for path in (tmp_path / "no.xml", tmp_path, tmp_path / ("a" * 300), tmp_path / "a\0b"):
        with pytest.raises(InputError) as caught:
            read_annotation(path)
        assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.xml")
    with pytest.raises(InputError, match=r"a\.xml is no plain file"):
        read_annotation(tmp_path / "a.xml")


def test_voc_counts_from_one_and_includes_the_last_pixel():
    assert check_box(("1", "1", "30", "20"), 30, 20) == ((0, 0, 30, 20), (1, 1, 30, 20), None)
    assert check_box((" 3 ", "4", "9", "8.5"), 30, 20)[0] == (2, 3, 9, 8.5)


@pytest.mark.parametrize(
    ("corners", "word"),
    [
        (("5", "5", "5", "9"), "zero size"),
        (("5", "5", "9", "5"), "zero size"),
        (("5", "5", "5", "5"), "zero size"),
        (("9", "5", "5", "9"), "inverted"),
        (("5", "9", "9", "5"), "inverted"),
        (("32", "1", "40", "9"), "outside the image of 30 x 20"),
        (("1", "-9", "9", "-1"), "outside"),
        (("1", "21", "9", "29"), "outside"),
        (("nan", "1", "9", "9"), "not a number"),
        (("1", "inf", "9", "9"), "not a number"),
        (("1", "", "9", "9"), "not a number"),
        (("1", "ten", "9", "9"), "not a number"),
        ((None,) * 4, "missing"),
    ],
)
def test_useless_boxes(corners, word):
    box, written, sentence = check_box(corners, 30, 20)
    assert box is None
    assert word in sentence
    assert len(written) == 4


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (("20", "12", "8", "6"), "it would fit as x, y, width, height or as xmax, ymax, xmin, ymin"),
        (("5", "22", "15", "28"), "(it would fit as ymin, xmin, ymax, xmax)"),
        (("20", "28", "3", "19"), "(it would fit as xmin, xmax, ymin, ymax)"),
        (("0.1", "0.2", "0.5", "0.75"), "are they fractions of the width and height?"),
        (("0", "0", "0.5", "1"), "are they fractions of the width and height?"),
    ],
)
def test_numbers_in_another_order_are_recognized(corners, words):
    box, _, sentence = check_box(corners, 30, 20)
    assert words in sentence
    assert box is None or "shares" not in words


def test_a_box_that_is_mostly_inside_was_read_in_the_right_order():
    assert "fit" not in check_box(("1", "1", "33", "9"), 30, 20)[2]


def test_what_stands_in_the_file_never_fills_the_message():
    _, written, _ = check_box(("1\n2", "x" * 500, "1e308", "1_0"), 30, 20)
    assert written == ("1 2", "x" * 39 + "…", 1e308, "1_0")  # which Python alone would take for 10
    assert check_box(("1", "1", "1e308", "9"), 30, 20)[1][2] == 1e308


def test_what_is_written_is_what_is_reported():
    assert check_box(("1", "ten", None, "nan"), 30, 20)[1] == (1, "ten", "nothing", "nan")
    assert check_box(("5.0", "5.5", "5", "9"), 30, 20)[1] == (5, 5.5, 5, 9)


def test_rounding_over_the_edge_is_cut_silently_and_more_is_reported():
    for corners in (("0", "0", "31", "21"), ("0.5", "1", "30.9", "20")):
        box, _, sentence = check_box(corners, 30, 20)
        assert sentence is None
        assert box[2:] == (30, 20)
        assert min(box[:2]) == 0
    for corners in (("-1", "1", "9", "9"), ("1", "1", "32", "9"), ("1", "1", "9", "23")):
        box, _, sentence = check_box(corners, 30, 20)
        assert "pixels out of the image" in sentence
        assert min(box) >= 0
        assert box[2] <= 30
        assert box[3] <= 20


NUMBER = st.one_of(st.none(), st.text(max_size=4), st.floats().map(str), st.integers(-5, 50).map(str))


@settings(deadline=None, max_examples=100)
@given(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER))
def test_every_box_is_either_useful_or_reported(corners):
    box, written, sentence = check_box(corners, 30, 20)
    assert len(written) == 4
    if box is None:
        assert sentence
    else:
        assert 0 <= box[0] < box[2] <= 30
        assert 0 <= box[1] < box[3] <= 20


def test_issue_as_a_sentence():
    issue = Issue("a.xml", "zero", "", 3, (1, 2, 1, 2))
    assert str(issue) == "a.xml, object 3 (counted from 0), box [1, 2, 1, 2]: zero"
    assert str(Issue("a.xml", "sentence")) == "a.xml: sentence"
