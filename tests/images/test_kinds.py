"""kinds: a file that is no image to read here is told by its content, with what to do about it."""

import struct

import numpy as np
import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.kinds import OTHER, sentence
from numpyssd.images.read import read_image

BOX = struct.pack(">I", 24) + b"ftyp"
KINDS = {
    b"8BPS\0\1": "Photoshop",
    BOX + b"heic": "HEIC",
    BOX + b"mif1": "HEIC",
    BOX + b"isom": "video",
    BOX + b"crx ": "raw data of a camera",
    b"RIFF\0\0\0\0AVI LIST": "video",
    b"\x1a\x45\xdf\xa3": "video",
    b"\xff\x0a": "JPEG XL",
    b"FUJIFILMCCD-RAW 0201": "raw data of a camera",
    b"IIRO\x08": "raw data of a camera",
    b"%PDF-1.4": "pages",
    b"\0" * 128 + b"DICM": "DICOM",
    b"PK\x03\x04": "unpack it",
    b"version https://git-lfs.github.com/spec/v1\n": "git lfs pull",
    b"\xef\xbb\xbf\n<!DOCTYPE html>": "web page",
    b'<?xml version="1.0"?><svg xmlns="">': "drawing",
}


@pytest.mark.parametrize("head", KINDS, ids=KINDS.values())
def test_other_kinds_of_files_are_named(tmp_path, head):
    path = tmp_path / "photo.jpg"
    path.write_bytes(head + b"\0" * 600)
    with pytest.raises(InputError) as caught:
        read_image(path)
    assert str(caught.value).startswith(f"{path} is ")
    assert KINDS[head] in str(caught.value)


@pytest.mark.parametrize("head", [b"", b"hello", b"<annotation>", b"\0" * 600, b"RIFF", b"ftyp"])
def test_all_else_is_not_an_image_of_a_known_kind(head):
    assert sentence(head) == OTHER


def test_a_raw_photograph_is_not_taken_for_its_small_preview(tmp_path):
    Image.new("RGB", (16, 12)).save(tmp_path / "a.NEF", format="TIFF")
    with pytest.raises(InputError, match="raw data of a camera"):
        read_image(tmp_path / "a.NEF")
    Image.new("RGB", (16, 12)).save(tmp_path / "b.tif", tiffinfo={50706: b"\1\4\0\0"})  # DNGVersion
    with pytest.raises(InputError, match="raw data of a camera"):
        read_image(tmp_path / "b.tif")


def float_tiff(bands):
    """Return a TIFF of float bands, which Pillow neither writes nor reads."""
    tags = [(256, 4, 1, 2), (257, 4, 1, 1), (258, 3, bands, 0), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 0),
            (277, 3, 1, bands), (278, 4, 1, 1), (279, 4, 1, 8 * bands), (339, 3, bands, 0)]  # fmt: skip
    end = 8 + 2 + 12 * len(tags) + 4
    places = {258: end, 339: end + 2 * bands, 273: end + 4 * bands}
    body = b"".join(struct.pack("<HHII", tag, kind, n, places.get(tag, value)) for tag, kind, n, value in tags)
    numbers = struct.pack(f"<{bands}H", *[32] * bands) + struct.pack(f"<{bands}H", *[3] * bands)
    pixels = np.zeros(2 * bands, np.float32).tobytes()
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + b"\0" * 4 + numbers + pixels


def test_a_tiff_of_floats_in_colors_says_what_it_is(tmp_path):
    (tmp_path / "a.tif").write_bytes(float_tiff(3))
    with pytest.raises(InputError, match=r"a TIFF of a kind that is not read \(3 bands of 32 bits, floats\); save it"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("length", range(8, 150, 7))
def test_the_head_of_a_tiff_cut_anywhere(length):
    assert sentence(float_tiff(3)[:length]).startswith("is a TIFF of a kind that is not read (")
