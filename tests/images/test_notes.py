"""notes: what read_image passes over or turns, said of each sort of image."""

import numpy as np
import pytest
from PIL import Image

from numpyssd.images.notes import image_notes


def turned(path, orientation, size=(6, 4)):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size, "green").save(path, exif=exif)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_the_orientation_of_exif(tmp_path, suffix):
    assert image_notes(turned(tmp_path / f"a.{suffix}", 3)) == (3, [])
    assert image_notes(turned(tmp_path / f"b.{suffix}", 1)) == (1, [])
    assert image_notes(turned(tmp_path / f"c.{suffix}", 9)) == (1, [])


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif"])
def test_several_frames(tmp_path, name):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    word = "pages" if name == "a.tif" else "frames"
    assert image_notes(tmp_path / name).sentences == [f"the image has 3 {word}, and the first of them is read"]
    frames[0].save(tmp_path / name)
    assert image_notes(tmp_path / name).sentences == []


def test_the_second_image_of_a_telephone_is_its_own_business(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green")]
    frames[0].save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=frames[1:])
    assert image_notes(tmp_path / "a.jpg") == (1, [])


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_twelve_bits_in_sixteen(tmp_path, suffix):
    values = np.array([[0, 3400]], np.uint16)
    Image.fromarray(values).save(tmp_path / f"a.{suffix}")
    (sentence,) = image_notes(tmp_path / f"a.{suffix}").sentences
    assert "no value over 4095" in sentence
    assert "multiply its values by 16" in sentence
    Image.fromarray(values * 16).save(tmp_path / f"b.{suffix}")
    assert image_notes(tmp_path / f"b.{suffix}").sentences == []


def test_eight_bits_in_thirty_two(tmp_path):
    Image.fromarray(np.array([[0, 255]], np.int32)).save(tmp_path / "a.tif")
    assert "multiply its values by 256" in image_notes(tmp_path / "a.tif").sentences[0]


def test_a_file_that_cannot_be_read_has_none(tmp_path):
    assert image_notes(tmp_path / "none.png") == (1, [])
