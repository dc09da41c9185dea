"""Text files in UTF-8, and in the encodings that a byte order mark names; what is no text is said."""

import codecs

import pytest
from exports.pictures import NAMES, save_picture, write, yolo_rows

from numpyssd.datasets.folders.text_files import decoded, read_lines, read_text
from numpyssd.datasets.layouts import layout_of
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.yolo import layout
from numpyssd.errors import InputError

# What PowerShell's > writes comes first.
MARKED = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-8": codecs.BOM_UTF8,
}


@pytest.mark.parametrize("encoding", MARKED)
def test_a_byte_order_mark_says_the_encoding(tmp_path, encoding):
    path = tmp_path / "classes.txt"
    path.write_bytes(MARKED[encoding] + "Käfer\r\n\r\n 安全帽 \r\n".encode(encoding))
    assert read_lines(path) == [(1, "Käfer"), (3, "安全帽")]


def test_lines_of_a_text_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"0 1\r\n\r\n 2 3 \n")
    assert read_lines(path) == [(1, "0 1"), (3, "2 3")]
    for content, words in (
        ("0 1".encode("utf-16-le"), "holds NUL bytes and is refused; is it a text file in UTF-8"),
        (b"0\0", "NUL"),
        (b"\xe9", "is not text in UTF-8; save it again"),
        (b"\xff\xfe0", "is not text in UTF-8; save it again"),
        (b"0" * 11, "has more than 10 bytes"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=words):
            read_text(path, 10)
    with pytest.raises(InputError, match="cannot be read"):
        read_lines(tmp_path / "none.txt")


def test_the_first_bytes_of_a_file_may_end_within_a_letter():
    assert decoded("0é".encode()[:2], "replace").startswith("0")
    assert decoded("0é".encode("utf-16")[:5], "replace").startswith("0")


@pytest.mark.parametrize("names", ["classes.txt", "obj.names", "data.yaml"])
def test_a_folder_of_yolo_whose_every_text_file_is_in_utf_16(tmp_path, names):
    texts = {"data.yaml": "nc: 2\nnames: [nut, bolt]\n"}
    for i in (0, 1, 3):
        save_picture(tmp_path / f"{i}.jpg", i)
        write(tmp_path / f"{i}.txt", yolo_rows(i))
    write(tmp_path / "train.txt", "0.jpg\n1.jpg\n")
    write(tmp_path / "val.txt", "3.jpg\n")
    write(tmp_path / names, texts.get(names, "\n".join(NAMES)))
    for path in {*tmp_path.glob("*.txt"), tmp_path / names}:
        path.write_bytes(path.read_bytes().decode().encode("utf-16"))
    assert layout_of(tmp_path) is layout
    train, val = load_dataset(tmp_path, "train"), load_dataset(tmp_path, "val")
    assert (train.class_names, train.issues, val.issues) == (NAMES, [], [])
    assert [len(sample.boxes) for sample in (*train, *val)] == [2, 1, 1]
