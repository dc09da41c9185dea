"""What ``detect`` may be given: files, folders in folders, patterns, videos; and what it says of the rest."""

import re

import pytest
from PIL import Image

from numpyssd.cli.inputs import find_images, find_inputs, is_camera, is_video, names_below


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jpg", "a.png", "deep/c.JPG", "deep/er/d.png", "out/e.png", ".hidden/f.png", "odd [1].png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    return tmp_path


def names(folder, found):
    return [path.relative_to(folder).as_posix() for path in found]


def the_error(*inputs, **options):
    images, (error,) = find_images([str(item) for item in inputs], **options)
    assert images == []
    return str(error)


def test_folders_in_a_folder_are_searched_when_asked_for_but_not_the_one_for_results(folder):
    assert names(folder, find_images([folder])[0]) == ["a.png", "b.jpg", "odd [1].png"]
    found, errors = find_images([folder], recursive=True, leave_out=folder / "out")
    assert names(folder, found) == ["a.png", "b.jpg", "odd [1].png", "deep/c.JPG", "deep/er/d.png"]
    assert errors == []


def test_a_pattern_that_the_shell_left_as_it_is(folder):
    assert names(folder, find_images([f"{folder}/*.png"])[0]) == ["a.png", "odd [1].png"]
    assert names(folder, find_images([f"{folder}/**/*.png"])[0]) == [
        "a.png", "deep/er/d.png", "odd [1].png", "out/e.png",
    ]  # fmt: skip
    assert names(folder, find_images([f"{folder}/odd [1].png"])[0]) == ["odd [1].png"]  # a name is no pattern
    assert names(folder, find_images([f"{folder}/dee?"])[0]) == ["deep/c.JPG"]
    assert re.search(r"\*\.gif matches no file; check the folder and the ending", the_error(f"{folder}/*.gif"))


def test_a_folder_whose_images_lie_deeper_says_what_to_add(tmp_path):
    (tmp_path / "in" / "day 1").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "in" / "day 1" / "a.jpg")
    assert re.search(r"folders in it hold 1, such as .*a\.jpg: add --recursive$", the_error(tmp_path / "in"))
    assert len(find_images([tmp_path / "in"], recursive=True)[0]) == 1


def test_a_folder_of_videos_names_one(tmp_path):
    (tmp_path / "clip.MP4").write_bytes(b"x")
    assert re.search(r"of videos each is named by itself, such as .*clip\.MP4$", the_error(tmp_path))


@pytest.mark.parametrize("address", ["https://example.org/photo.jpg", "rtsp://camera/1", "s3://bucket/a.png"])
def test_an_address_is_not_fetched(address):
    assert the_error(address) == (
        f"{address} is an address, and nothing is fetched from there; download it, and name the file"
    )


def test_images_and_videos_and_cameras_go_their_ways(folder, capsys):
    for name in ("clip.mov", "Clip 2.MKV"):
        (folder / name).write_bytes(b"x")
    images, videos, errors = find_inputs([str(folder), str(folder / "clip.mov"), "camera:0", "Camera:1"])
    assert names(folder, images) == ["a.png", "b.jpg", "odd [1].png"]
    assert (videos, errors) == ([str(folder / "clip.mov"), "camera:0", "Camera:1"], [])
    said = capsys.readouterr().err
    assert said.startswith("note: videos in a folder are left out, here ")
    assert "Clip 2.MKV" in said
    assert "clip.mov" not in said  # it is named
    assert is_video(folder / "x.WebM")
    assert not is_video(folder / "x.gif")
    assert not is_camera("camera.jpg")


def test_names_below_the_inputs(folder):
    images, _ = find_images([folder / "deep", folder / "a.png"], recursive=True)
    below = names_below([str(folder / "deep"), str(folder / "a.png")], images)
    assert [path.as_posix() for path in below.values()] == ["c.JPG", "er/d.png", "a.png"]
    images, _ = find_images([f"{folder}/de*"], recursive=True)
    assert [path.as_posix() for path in names_below([f"{folder}/de*"], images).values()] == ["c.JPG", "er/d.png"]
