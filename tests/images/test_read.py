import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.read import FORMATS, image_size, read_image, sound_size

RNG = np.random.default_rng(0)
COLOR = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
GRAY = RNG.integers(0, 256, (5, 7), dtype=np.uint8)


def saved(image, path, **options):
    image.save(path, **options)
    return path


def check(path, expected, tolerance=0):
    pixels = read_image(path)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.shape == expected.shape
    assert abs(pixels.astype(int) - expected).max() <= tolerance
    assert image_size(path) == sound_size(path) == expected.shape[1::-1]


def as_rgb(gray):
    return np.repeat(np.asarray(gray)[:, :, None], 3, axis=2)


def test_rgb(tmp_path):
    check(saved(Image.fromarray(COLOR), tmp_path / "a.png"), COLOR)
    check(str(saved(Image.fromarray(COLOR), tmp_path / "a.bmp")), COLOR)


def test_the_array_can_be_written_to(tmp_path):
    pixels = read_image(saved(Image.fromarray(COLOR), tmp_path / "a.png"))
    pixels[0] = 3
    assert pixels[0, 0, 0] == 3


def test_gray(tmp_path):
    check(saved(Image.fromarray(GRAY), tmp_path / "a.png"), as_rgb(GRAY))


def test_one_bit(tmp_path):
    bits = GRAY > 127
    check(saved(Image.fromarray(bits), tmp_path / "a.png"), as_rgb(bits * 255))


def test_palette(tmp_path):
    image = Image.fromarray(GRAY % 3).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 0, 0, 255, 9])
    table = np.array([[10, 20, 30], [200, 100, 0], [0, 255, 9]])
    check(saved(image, tmp_path / "a.png"), table[GRAY % 3])
    check(saved(image, tmp_path / "a.gif"), table[GRAY % 3])


def test_palette_with_transparency_lies_on_white(tmp_path):
    image = Image.fromarray(GRAY % 3).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 0, 0, 255, 9])
    table = np.array([[10, 20, 30], [255, 255, 255], [0, 255, 9]])
    check(saved(image, tmp_path / "a.png", transparency=1), table[GRAY % 3])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_transparent_color_lies_on_white(tmp_path, mode):
    image = Image.new(mode, (4, 2), 0)
    image.putpixel((1, 1), 77 if mode == "L" else (77, 77, 77))
    expected = np.full((2, 4, 3), 255)
    expected[1, 1] = 77
    check(saved(image, tmp_path / "a.png", transparency=0 if mode == "L" else (0, 0, 0)), expected)


def test_alpha_is_composited_on_white(tmp_path):
    alpha = np.array([[0, 255, 51]], np.uint8)  # 51 = one fifth
    colors = np.array([[[9, 8, 7], [9, 8, 7], [100, 50, 0]]], np.uint8)
    expected = np.array([[[255, 255, 255], [9, 8, 7], [224, 214, 204]]])
    check(saved(Image.fromarray(np.dstack([colors, alpha])), tmp_path / "a.png"), expected)
    grays = Image.merge("LA", [Image.fromarray(plane) for plane in (np.array([[9, 9, 100]], np.uint8), alpha)])
    check(saved(grays, tmp_path / "b.png"), as_rgb([[255, 9, 224]]))


def test_cmyk(tmp_path):
    ink = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # magenta and yellow make red
    path = saved(ink, tmp_path / "a.jpg", quality=100)
    check(path, np.broadcast_to([255, 0, 0], (16, 16, 3)), tolerance=3)


def test_sixteen_bits_are_scaled_not_cut_off(tmp_path):
    deep = np.array([[0, 128, 257, 32768, 51400]], np.uint16)  # the brightest is not white, and does not become so
    expected = as_rgb([[0, 0, 1, 128, 200]])  # value / 257
    check(saved(Image.fromarray(deep), tmp_path / "a.png"), expected)
    check(saved(Image.fromarray(deep), tmp_path / "a.tif"), expected)
    check(saved(Image.fromarray(deep.astype(np.int32)), tmp_path / "b.tif"), expected)  # mode I


def test_values_without_an_agreed_range_are_stretched(tmp_path):
    check(saved(Image.fromarray(np.array([[-5, 995, 70000]], np.int32)), tmp_path / "a.tif"), as_rgb([[0, 4, 255]]))
    check(saved(Image.fromarray(np.array([[0, 0.5, 1]], np.float32)), tmp_path / "b.tif"), as_rgb([[0, 128, 255]]))
    broken = np.array([[np.nan, 0, 10]], np.float32)
    broken.view(np.uint32)[0, 0] = 0x7F800001  # a NaN that warns when it is cast to another type
    check(saved(Image.fromarray(broken), tmp_path / "c.tif"), as_rgb([[0, 0, 255]]))
    check(saved(Image.fromarray(np.full((1, 3), 7, np.float32)), tmp_path / "d.tif"), as_rgb([[0, 0, 0]]))


# The stored rows and columns that each orientation turns into [[1, 2, 3], [4, 5, 6]]: the first stored row is the
# visual top, right, bottom or left side, the first stored column the other (Exif 2.3, table 6).
STORED = {
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[3, 6], [2, 5], [1, 4]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[4, 1], [5, 2], [6, 3]],
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("suffix", ["png", "tif", "jpg"])
def test_exif_orientation(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = np.kron(np.array(STORED[orientation], np.uint8) * 40, np.ones((16, 16), np.uint8))  # for JPEG's sake
    path = saved(Image.fromarray(blocks), tmp_path / f"a.{suffix}", exif=exif)
    expected = np.kron(np.array(STORED[1]) * 40, np.ones((16, 16), int))
    check(path, as_rgb(expected), tolerance=2 if suffix == "jpg" else 0)


@pytest.mark.parametrize("orientation", [0, 9, 1000, 65535])
def test_an_orientation_without_a_meaning_is_ignored(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    check(saved(Image.fromarray(COLOR), tmp_path / "a.png", exif=exif), COLOR)


def test_a_damaged_exif_block_is_ignored(tmp_path):
    path = saved(Image.fromarray(as_rgb(np.full((8, 8), 90, np.uint8))), tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\0\0")
    check(path, np.full((8, 8, 3), 90), tolerance=2)


def refused(path, *words, readers=(read_image, image_size, sound_size)):
    for reader in readers:
        with pytest.raises(InputError) as caught:
            reader(path)
        message = str(caught.value)
        assert str(path) in message
        assert "\n" not in message
        for word in words:
            assert word in message


def test_missing(tmp_path):
    refused(tmp_path / "no.png", "does not exist")
    refused(tmp_path, "folder")


def test_empty_and_not_an_image(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    refused(tmp_path / "a.png", "empty")
    (tmp_path / "b.jpg").write_text("hello, I am a text")
    refused(tmp_path / "b.jpg", "not an image")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("fraction", [0.2, 0.6, 0.95])
def test_cut_short(tmp_path, suffix, fraction):
    noise = RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / f"a.{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * fraction)])
    refused(path, "cut short", readers=(read_image, sound_size))


def chunk(kind, body):
    """Return a part of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_decompression_bomb(tmp_path):
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    refused(tmp_path / "bomb.png", "million pixels")


def test_a_damaged_middle_is_found_without_reading_the_image_as_a_whole(tmp_path):
    path = saved(Image.fromarray(COLOR), tmp_path / "a.png")
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") + 20] ^= 255
    path.write_bytes(content)
    refused(path, "damaged", readers=(read_image, sound_size))


def test_a_program_is_not_run_whatever_the_file_is_called(tmp_path):
    """EPS is PostScript, which Pillow would hand to an interpreter."""
    path = tmp_path / "photo.jpg"
    Image.fromarray(COLOR).save(path, format="EPS")
    refused(path, "a document of pages", "save the page as PNG")
    assert not {"EPS", "WMF", "PDF", "PSD"} & set(FORMATS)


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "PNG"), ("a.png", "JPEG"), ("a.gif", "WEBP"), ("a.bmp", "TIFF")])
def test_the_content_counts_and_not_the_ending(tmp_path, name, kind):
    gray = as_rgb(np.full((16, 16), 90, np.uint8))
    check(saved(Image.fromarray(gray), tmp_path / name, format=kind), gray, tolerance=2)


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_very_small_and_very_long_images(tmp_path, size):
    pixels = np.full((*size, 3), 77, np.uint8)
    check(saved(Image.fromarray(pixels), tmp_path / "a.png"), pixels)
    if 10_000 in size:
        check(saved(Image.fromarray(pixels), tmp_path / "a.jpg"), pixels, tolerance=2)


def test_a_transparent_value_of_16_bits_is_white(tmp_path):
    body = zlib.compress(b"\0" + struct.pack(">3H", 0, 300, 51400))
    header = struct.pack(">IIBBBBB", 3, 1, 16, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"tRNS", struct.pack(">H", 300)) + chunk(b"IDAT", body)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b""))
    check(tmp_path / "a.png", as_rgb([[0, 255, 200]]))


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif"])
def test_several_frames_give_the_first(tmp_path, name):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    options = {"lossless": True} if name == "a.webp" else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    check(tmp_path / name, np.broadcast_to([255, 0, 0], (4, 4, 3)))
