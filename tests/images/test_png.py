"""png: texts, profiles and wrong checksums beside the image are no reason to refuse it; damage within it is."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from numpyssd.errors import InputError
from numpyssd.images.png import SIGNATURE, without_extras
from numpyssd.images.read import image_size, read_image, sound_size

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
LONG = "edit history " * 200_000  # 2.6 MB, packed to a few kB


def chunk(kind, body, checksum=None):
    checksum = zlib.crc32(kind + body) if checksum is None else checksum
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def saved(path, **options):
    Image.fromarray(PIXELS).save(path, **options)
    return path


def with_chunk(path, extra, before=b"IDAT"):
    content = saved(path).read_bytes()
    at = content.index(before) - 4
    path.write_bytes(content[:at] + extra + content[at:])
    return path


def texts(zipped):
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", LONG, zip=zipped)
    info.add_text("Comment", LONG, zip=zipped)
    return info


@pytest.mark.parametrize(
    "options",
    [{"pnginfo": texts(True)}, {"pnginfo": texts(False)}, {"icc_profile": b"\0" * 2_000_000}],
    ids=["zipped texts", "texts", "profile"],
)
def test_long_texts_and_profiles(tmp_path, options):
    path = saved(tmp_path / "a.png", **options)
    assert np.array_equal(read_image(path), PIXELS)
    assert image_size(path) == sound_size(path) == (7, 5)


@pytest.mark.parametrize("before", [b"IDAT", b"IEND"])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"gAMA", b"pHYs", b"eXIf", b"tRNS", b"teSt"])
def test_a_wrong_checksum_beside_the_image(tmp_path, kind, before):
    path = with_chunk(tmp_path / "a.png", chunk(kind, b"Software\0\0made by hand", checksum=12345), before)
    assert np.array_equal(read_image(path), PIXELS)
    assert image_size(path) == sound_size(path) == (7, 5)


def test_a_text_that_claims_to_be_short_and_is_long(tmp_path):
    bomb = b"Comment\0\0" + zlib.compress(b"\0" * 5_000_000)
    assert np.array_equal(read_image(with_chunk(tmp_path / "a.png", chunk(b"zTXt", bomb))), PIXELS)


@pytest.mark.parametrize("extra", [b"", chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LONG.encode()))])
def test_the_transparency_and_the_orientation_are_kept(tmp_path, extra):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path, exif=exif, transparency=tuple(map(int, PIXELS[0, 0])))
    content = path.read_bytes()
    at = content.index(b"IDAT") - 4
    path.write_bytes(content[:at] + extra + content[at:])
    expected = np.rot90(PIXELS, -1).copy()
    expected[0, -1] = 255
    assert np.array_equal(read_image(path), expected)


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT"])
def test_damage_within_the_image_is_still_named(tmp_path, kind):
    content = bytearray(saved(tmp_path / "a.png", pnginfo=texts(True)).read_bytes())
    content[content.index(kind) + 6] ^= 255
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.png is"):
        read_image(tmp_path / "a.png")


def test_lengths_beyond_the_end_of_the_file_end_with_it():
    head = SIGNATURE + chunk(b"IHDR", b"1")
    for rest in (b"", b"\0", b"\xff" * 8, b"\xff\xff\xff\xfftEXt", b"\0\0\0\0IDAT"):
        assert without_extras(head + rest).getvalue().startswith(head)
