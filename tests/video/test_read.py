"""numpyssd.video.read: every frame, upright, at its time; and what a damaged file is called."""

import re

import numpy as np
import pytest
from video.clips import SIZE, TURNS, picture, turn, write_clip

from numpyssd.errors import InputError
from numpyssd.video.read import VideoReader

TIMES = [0, 0.1, 0.15, 0.5, 0.55, 1.0, 1.4, 1.5]  # a variable frame rate, as phones have


def read(path):
    """Return the frames of a video, and the sentence of the error that ended it, or ""."""
    found = []
    with VideoReader(path) as video:
        try:
            found.extend(video.frames())
        except InputError as reason:
            return found, str(reason)
    return found, ""


def test_every_frame_with_its_number_and_its_time(tmp_path):
    found, error = read(write_clip(tmp_path / "a.mp4", TIMES))
    assert error == ""
    assert [frame.number for frame in found] == list(range(8))
    assert [float(frame.time) for frame in found] == pytest.approx(TIMES, abs=1e-3)
    for frame in found:
        assert frame.image.shape == (SIZE[1], SIZE[0], 3)
        assert np.abs(frame.image.astype(int) - picture(frame.number)).mean() < 8


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.mov", "a.ts", "odd.mp4"])
def test_containers_and_odd_sizes(name, tmp_path):
    size = (61, 47) if name == "odd.mp4" else SIZE
    found, error = read(write_clip(tmp_path / name, [i / 10 for i in range(9)], size))
    assert (len(found), error) == (9, "")
    assert [float(frame.time) for frame in found] == pytest.approx([i / 10 for i in range(9)], abs=2e-3)
    assert found[0].image.shape[1::-1] == size


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_video_is_upright(degrees, tmp_path):
    turn(write_clip(tmp_path / "a.mp4", TIMES), degrees)
    found, _ = read(tmp_path / "a.mp4")
    for frame in found:
        expected = np.rot90(picture(frame.number), -degrees // 90)  # rot90 turns counterclockwise
        assert frame.image.shape == expected.shape
        assert np.abs(frame.image.astype(int) - expected).mean() < 8


def test_an_empty_file_one_that_is_no_video_and_none(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    for name, words in (("empty", "is empty"), ("text", "is no video that can be read"), ("none", "does not exist")):
        with pytest.raises(InputError, match=rf"{name}\.mp4 {words}"):
            VideoReader(tmp_path / f"{name}.mp4")


def test_sound_alone_is_no_video(tmp_path):
    from video.clips import av

    with av.open(str(tmp_path / "a.m4v"), "w", format="mp4") as out:
        audio = out.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 16000, 0
        out.mux(audio.encode(frame))
        out.mux(audio.encode())
    with pytest.raises(InputError, match="holds no video, only sound"):
        VideoReader(tmp_path / "a.m4v")


def test_a_broken_end_is_named_with_the_frame_and_the_time_reached(tmp_path):
    whole = write_clip(tmp_path / "a.mkv", [i / 10 for i in range(40)]).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    found, error = read(tmp_path / "cut.mkv")
    assert 5 < len(found) < 35
    place = rf"frame {found[-1].number} \({float(found[-1].time):.2f} s\)"
    assert re.search(rf"cut\.mkv is cut short: it ends with {place}, and its head tells of 4\.0 s", error)


def test_a_file_without_its_table_is_called_damaged(tmp_path):
    whole = write_clip(tmp_path / "a.mp4", TIMES).read_bytes()  # the table is at the end
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.mp4 is no video that can be read, or is damaged or cut short"):
        VideoReader(tmp_path / "cut.mp4")


def test_a_hole_in_the_middle_is_said_and_the_rest_is_read(tmp_path):
    whole = bytearray(write_clip(tmp_path / "a.mp4", [i / 10 for i in range(40)]).read_bytes())
    start = whole.index(b"mdat")
    middle = start + (whole.index(b"moov") - start) // 2
    whole[middle : middle + 600] = bytes(np.random.default_rng(0).integers(0, 256, 600, dtype=np.uint8))
    (tmp_path / "hole.mp4").write_bytes(whole)
    found, error = read(tmp_path / "hole.mp4")
    assert found[-1].time > 3.8
    assert re.search(r"hole\.mp4 is damaged from [12]\.\d\d s on \(\d+ frames cannot be read or are faulty\)", error)
