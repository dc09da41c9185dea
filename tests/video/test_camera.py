"""numpyssd.video.camera: the newest frame, the others counted; FFmpeg's test picture stands in for a camera."""

import time
from fractions import Fraction

import numpy as np
import pytest
from video.clips import av

from numpyssd.errors import InputError
from numpyssd.video.camera import Camera, open_camera


class Container:
    """What PyAV makes of a camera: it gives ``count`` frames, each after a pause, and then ends or raises."""

    def __init__(self, count, pause, error=None):
        self.count, self.pause, self.error, self.closed = count, pause, error, False

    def decode(self, video):
        for number in range(self.count):
            time.sleep(self.pause)
            frame = av.VideoFrame.from_ndarray(np.full((8, 8, 3), number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = 1000 + number, Fraction(1, 100)
            yield frame
        if self.error is not None:
            raise self.error

    def close(self):
        self.closed = True


def test_a_camera_that_is_faster_skips_and_counts_every_frame_that_nobody_took():
    container = Container(40, 0.002)
    with Camera(container) as camera:
        taken = []
        for frame in camera.frames():
            taken.append(frame)
            time.sleep(0.02)
    assert container.closed
    numbers = [frame.number for frame in taken]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 39  # the newest, whatever came before
    assert 0 < camera.skipped == 40 - len(taken)
    for frame in taken:
        assert frame.time == Fraction(frame.number, 100)  # from the first on
        assert (frame.image == frame.number).all()


def test_a_camera_that_is_slower_loses_none():
    with Camera(Container(5, 0.05)) as camera:
        assert [frame.number for frame in camera.frames()] == [0, 1, 2, 3, 4]
    assert camera.skipped == 0


def test_a_camera_that_breaks_off_is_named():
    container = Container(2, 0, OSError(19, "No such device"))
    words = r"camera:0 broke off after 2 frames \(No such device\); plug it in"
    with Camera(container, "camera:0") as camera, pytest.raises(InputError, match=words):
        list(camera.frames())


def test_the_picture_of_ffmpeg_as_a_camera():
    if "lavfi" not in av.formats_available:
        pytest.skip("FFmpeg was built without lavfi")
    with Camera(av.open("testsrc=size=64x48:rate=30:duration=1", format="lavfi")) as camera:
        frames = list(camera.frames())
    assert frames[-1].number == 29
    assert frames[-1].image.shape == (48, 64, 3)
    assert len(frames) + camera.skipped == 30


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("camera:", "names no camera; the first is camera:0"),
        ("camera:front", "names no camera"),
        ("camera:977", r"camera:977 (is not there|\(.*\) cannot be opened)"),
    ],
)
def test_a_camera_that_is_not_there(name, words):
    with pytest.raises(InputError, match=words):
        open_camera(name)
