"""``detect`` in videos: what it writes, prints and says; with PyAV and without it."""

import json
import sys

import numpy as np
import pytest

from numpyssd import detect
from numpyssd.cli import videos
from numpyssd.errors import InputError


def test_without_pyav_a_sentence_says_what_to_type_and_images_are_done(tmp_path, monkeypatch, capsys):
    from PIL import Image

    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "clip.mp4").write_bytes(b"x")
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    inputs = [str(tmp_path / "a.png"), str(tmp_path / "clip.mp4"), "camera:0"]
    assert detect.main([*inputs, "--weights", "tiny", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    errors = said.err.splitlines()
    assert len(errors) == 2
    for line in errors:
        assert line.startswith("error: videos and cameras need the package av (PyAV), which is not here; type: ")
        assert line.endswith("-m pip install av")


@pytest.mark.parametrize("option", [["--explain"], ["--save-labels", "voc", "labels"]])
def test_options_that_are_for_images_alone(option, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"x")
    with pytest.raises(InputError, match=rf"{option[0]} needs images, and .*clip\.mp4 is a video; save its frames"):
        detect.main([str(tmp_path / "clip.mp4"), "--weights", "tiny", *option])


def find(image):
    """In place of a network: the white square of the clips' pictures."""
    rows, columns = np.nonzero((image > 200).all(axis=2))
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    return np.float32([box]), np.array([2]), np.float32([0.875])


def clip(path, count=12, **options):
    from video.clips import write_clip

    return write_clip(path, [i / 10 + i % 2 / 50 for i in range(count)], **options)


def test_every_frame_is_written_with_its_boxes_at_its_time_and_with_its_sound(tmp_path, capsys):
    pytest.importorskip("av", reason="PyAV is not installed (pip install -r requirements-video.txt)")
    from video.clips import frames_of, picture

    source, target = clip(tmp_path / "a.mp4", sound="aac"), tmp_path / "out.mp4"
    assert videos.detect_video(str(source), target, find, ("bolt", "nut")) is None
    before, (frames, codecs) = frames_of(source)[0], frames_of(target)
    assert [time for time, _ in frames] == pytest.approx([time for time, _ in before], abs=1e-3)
    assert codecs[1:] == ["aac"]
    for number, (_, image) in enumerate(frames):
        changed = np.abs(image.astype(int) - picture(number)).max(axis=2) > 60
        assert changed.any()  # a box
        assert not changed[40:, :10].any()  # far from any
    said = capsys.readouterr().out
    assert said.startswith(f"{source}: 12 frames, nut in 12 (")
    assert said.endswith(f" ms a frame) -> {target}, with its sound\n")


def test_lines_of_json_have_the_number_and_the_time_of_each_frame(tmp_path, capsys):
    pytest.importorskip("av", reason="PyAV is not installed (pip install -r requirements-video.txt)")
    source = clip(tmp_path / "a.mp4", 5)
    command = [str(source), "--weights", "tiny", "--out", str(tmp_path / "out"), "--json", "--frames", "3"]
    assert detect.main(command) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(line) for line in lines] == [["video", "frame", "time", "width", "height", "detections"]] * 3
    assert [(line["frame"], line["time"]) for line in lines] == [(0, 0), (1, 0.12), (2, 0.2)]
    assert (lines[0]["video"], lines[0]["width"], lines[0]["height"]) == (str(source), 64, 48)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("ending", [KeyboardInterrupt, InputError("broken")])
def test_whatever_ends_it_the_file_plays(ending, tmp_path):
    pytest.importorskip("av", reason="PyAV is not installed (pip install -r requirements-video.txt)")
    from video.clips import frames_of

    seen = []

    def find_seven(image):
        seen.append(image)
        if len(seen) > 7:
            raise ending
        return find(image)

    arguments = str(clip(tmp_path / "a.mp4")), tmp_path / "out.mp4", find_seven, ("bolt", "nut")
    if ending is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            videos.detect_video(*arguments)
    else:
        assert videos.detect_video(*arguments) is ending
    assert len(frames_of(tmp_path / "out.mp4")[0]) == 7


def test_a_damaged_end_is_returned_and_what_came_before_is_there(tmp_path, capsys):
    pytest.importorskip("av", reason="PyAV is not installed (pip install -r requirements-video.txt)")
    from video.clips import frames_of

    whole = clip(tmp_path / "a.mkv", 30).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    error = videos.detect_video(str(tmp_path / "cut.mkv"), tmp_path / "out.mp4", find, ("bolt", "nut"))
    count = len(frames_of(tmp_path / "out.mp4")[0])
    assert f"cut short: it ends with frame {count - 1} " in str(error)
    assert f"{count} frames, nut in {count}" in capsys.readouterr().out


def test_no_more_than_four_frames_are_in_memory():
    alive, most = [0], [0]

    class Image:
        def __init__(self):
            alive[0] += 1
            most[0] = max(most[0], alive[0])

        def __del__(self):
            alive[0] -= 1

    class Frame:
        def __init__(self):
            self.image = Image()

    done = 0
    for _ in videos.pipeline((Frame() for _ in range(50)), lambda image: None, lambda frame, found: None):
        done += 1
    assert done == 50
    assert most[0] <= 4
