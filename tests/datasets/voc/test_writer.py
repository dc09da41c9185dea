import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest

from numpyssd.datasets.voc.writer import annotation_xml, png_bytes, write_split
from numpyssd.images.read import read_image

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (96, 96), (150, 200)])  # the last two need one and two blocks
def test_pillow_reads_the_same_pixels(tmp_path, shape):
    image = RNG.integers(0, 256, (*shape, 3), dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(png_bytes(image))
    assert (read_image(tmp_path / "a.png") == image).all()


def test_the_block_ends_exactly_at_its_limit(tmp_path):
    image = RNG.integers(0, 256, (65535 // 1285, 428, 3), dtype=np.uint8)  # rows of 1 + 3 * 428 = 1285 bytes
    assert image.shape[0] * 1285 == 65535
    (tmp_path / "a.png").write_bytes(png_bytes(image))
    assert (read_image(tmp_path / "a.png") == image).all()


def test_nothing_is_compressed():
    """The zlib stream is header, one stored block with its length and complement, checksum: RFC 1950 and 1951."""
    image = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    content = png_bytes(image)
    data = bytes([0, 1, 2, 3, 4, 5, 6])
    stream = b"\x78\x01" + b"\x01\x07\x00\xf8\xff" + data + struct.pack(">I", zlib.adler32(data))
    assert struct.pack(">I", len(stream)) + b"IDAT" + stream in content
    assert content.startswith(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    )
    assert content.endswith(b"\x00\x00\x00\x00IEND\xae\x42\x60\x82")


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_wrong_images(image):
    with pytest.raises(ValueError, match="image must be"):
        png_bytes(image)


def test_annotation():
    """Boxes are written from 1 with the last pixel included; names are escaped."""
    text = annotation_xml("a&b.png", (30, 20), [[0, 1, 30, 20.0]], ["<cat>"], [True], [False])
    root = ElementTree.fromstring(text)
    assert root.findtext("filename") == "a&b.png"
    assert [root.findtext(f"size/{tag}") for tag in ("width", "height", "depth")] == ["30", "20", "3"]
    item = root.find("object")
    assert [item.findtext(f"bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")] == ["1", "2", "30", "20"]
    assert [item.findtext(tag) for tag in ("name", "difficult", "truncated")] == ["<cat>", "1", "0"]
    assert annotation_xml("a.png", (3, 3), np.zeros((0, 4)), [], [], []).count("<object>") == 0


def test_a_split_that_breaks_off_is_not_listed(tmp_path):
    def items():
        yield "first", np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4)), [], [], []
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_split(tmp_path, "train", items(), ("a",))
    assert (tmp_path / "JPEGImages/first.png").exists()
    assert not (tmp_path / "ImageSets/Main/train.txt").exists()
