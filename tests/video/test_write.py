"""numpyssd.video.write: the size, the times and the sound of what it is given."""

from fractions import Fraction

import numpy as np
import pytest
from video.clips import SIZE, av, frames_of, picture, write_clip

from numpyssd.errors import InputError
from numpyssd.video import write
from numpyssd.video.write import VideoWriter


@pytest.mark.parametrize("size", [SIZE, (61, 47), (2, 2)])
@pytest.mark.parametrize("codec", write.CODECS)
def test_sizes_times_and_pixels_stay(size, codec, tmp_path, monkeypatch):
    if codec not in av.codecs_available:
        pytest.skip(f"FFmpeg was built without {codec}")
    monkeypatch.setattr(write, "CODECS", (codec,))
    times = [Fraction(n, 30) for n in (0, 1, 4, 5, 30, 31)]
    with VideoWriter(tmp_path / "a.mp4", size) as video:
        for number, time in enumerate(times):
            video.add(picture(number, size), time)
    frames, (name,) = frames_of(tmp_path / "a.mp4")
    assert name == {"libx264": "h264"}.get(codec, codec)
    assert [time for time, _ in frames] == pytest.approx([float(time) for time in times], abs=1e-4)
    for number, (_, image) in enumerate(frames):
        assert image.shape[1::-1] == size
        assert np.abs(image.astype(int) - picture(number, size)).mean() < 8


def test_frames_of_one_time_are_shown_one_after_the_other(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", SIZE) as video:
        for number, time in enumerate([0, 0, 0.2, 0.1]):
            video.add(picture(number), time)
    assert len(frames_of(tmp_path / "a.mp4")[0]) == 4


@pytest.mark.parametrize(("sound", "said"), [("aac", "with its sound"), ("pcm_s16le", "without its sound (pcm_s16le")])
def test_sound_is_copied_or_said_to_be_left_out(sound, said, tmp_path):
    source = write_clip(tmp_path / "a.mkv", [i / 10 for i in range(20)], sound=sound)
    with av.open(str(source)) as container:
        audio = container.streams.audio[0]
        with VideoWriter(tmp_path / "out.mp4", SIZE, audio=audio) as video:
            video.add(picture(0), 0)
            for packet in container.demux(audio):
                video.add_audio(packet, 0)
    assert video.sound.startswith(said)
    assert frames_of(tmp_path / "out.mp4")[1] == ["h264" if "libx264" in av.codecs_available else "mpeg4"] + (
        ["aac"] if sound == "aac" else []
    )


def test_a_file_that_cannot_be_written(tmp_path):
    words = r"a\.mp4 cannot be written \(.*\); free some space, or choose another --out"
    with pytest.raises(InputError, match=words), VideoWriter(tmp_path / "none" / "a.mp4", SIZE) as video:
        video.add(picture(0), 0)
    writer = VideoWriter(tmp_path / "b.mp4", SIZE)
    writer.close()  # without a frame; twice does no harm
    writer.close()
