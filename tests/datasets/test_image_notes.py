"""image_notes: turns of EXIF that the size cannot tell, and images read in part, once for a data set."""

import numpy as np
import pytest
from PIL import Image
from voc_root import Root

from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.image_notes import noted
from numpyssd.datasets.loading import load_dataset

BOX = ("cat", (2, 2, 9, 9))


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def data_set(folder, orientations, size):
    paths = [folder / f"{number}.jpg" for number in range(len(orientations))]
    for path, orientation in zip(paths, orientations):
        Image.new("RGB", size).save(path, exif=exif(orientation))
    return AnnotatedImages(("cat",), paths, [Annotation.of([], [])] * len(paths))


@pytest.mark.parametrize("orientation", [2, 3, 4])
@pytest.mark.parametrize("size", [(30, 20), (20, 20)])
def test_a_turn_that_keeps_the_size_is_noted_once(tmp_path, orientation, size):
    (note,) = noted(data_set(tmp_path, [1, orientation, orientation], size))
    assert note.is_warning
    assert note.file == str(tmp_path / "1.jpg")
    assert f"EXIF orientation {orientation}" in str(note)
    assert "(2 images like this one)" in str(note)
    assert "passes over EXIF" in str(note)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_turn_by_90_degrees_is_noted_where_no_size_can_tell(tmp_path, orientation):
    assert noted(data_set(tmp_path, [orientation], (30, 20))) == []
    assert len(noted(data_set(tmp_path, [orientation], (30, 20)), sizes_are_written=False)) == 1
    assert len(noted(data_set(tmp_path, [orientation], (20, 20)))) == 1


def test_a_loaded_data_set_has_the_notes_of_its_images_and_goes_on(tmp_path):
    root = Root(tmp_path).add("a", [BOX], exif=exif(3)).add("b", [BOX], exif=exif(3)).add("c", [BOX], exif=exif(2))
    frames = [Image.new("RGB", (30, 20)) for _ in range(2)]
    root.add("d", [BOX], image="{}.tif")
    frames[0].save(tmp_path / "JPEGImages/d.tif", save_all=True, append_images=frames)
    dataset = load_dataset(tmp_path, "train")
    assert len(dataset) == 4
    words = ("orientation 3", "orientation 2", "pages")
    assert all(word in str(issue) for word, issue in zip(words, dataset.issues, strict=True))
    assert all(issue.is_warning for issue in dataset.issues)


def test_images_in_memory_have_no_notes():
    image = np.zeros((4, 4, 3), np.uint8)
    assert noted(AnnotatedImages(("cat",), [image], [Annotation.of([], [])])) == []


def test_a_size_from_before_the_turn_is_told_from_another_image(tmp_path):
    root = Root(tmp_path).add("a", [BOX], image="{}.jpg", exif=exif(6)).add("b", [BOX], size=(40, 30))
    Image.new("RGB", (30, 40)).save(tmp_path / "JPEGImages/b.png")
    issues = [str(issue) for issue in load_dataset(root.add("c", [BOX]).path, "train", bad_data="skip").issues]
    assert (
        "says 30 x 20 pixels, the image has 20 x 30 (that is its size before the EXIF turn, orientation 6" in issues[0]
    )
    assert "was it turned or resized later?" in issues[1]
