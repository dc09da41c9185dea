"""Small videos for the tests: a bright square that moves, with a red corner that tells how a frame is turned."""

import struct
from fractions import Fraction

import numpy as np
import pytest

av = pytest.importorskip("av", reason="PyAV is not installed (pip install -r requirements-video.txt)")

SIZE = (64, 48)
# The matrix of a track header turns what players show (ISO/IEC 14496-12, 8.3.2): here by 90 degrees clockwise, 180, ...
TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def picture(number, size=SIZE):
    """Return frame ``number``: (H, W, 3) uint8, gray but for a white square and 16 pixels of red in the upper left."""
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    image[20:36, number % 30 + 16 : number % 30 + 32] = 255
    image[:16, :16] = 255, 0, 0
    return image


def write_clip(path, times, size=SIZE, sound=None, container=None, codec="mpeg4", options=None):
    """Write a video with a frame at each of ``times`` (seconds); sound: a codec, such as "aac"."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        video = out.add_stream(codec, rate=10, options={"g": "5"})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = video.time_base = Fraction(1, 1000)
        audio = out.add_stream(sound, rate=16000, layout="mono") if sound else None
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number, size), format="rgb24")
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        for start in range(0, round(times[-1] * 16000) if audio else 0, 1024):
            samples = (8000 * np.sin(np.arange(start, start + 1024) / 5)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16000, start
            out.mux(audio.encode(frame))
        if audio:
            out.mux(audio.encode())
    return path


def turn(path, degrees):
    """Let players turn a video clockwise, as a phone does that was held upright."""
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # behind flags, times, track, layer
    a, b, c, d = (value << 16 for value in TURNS[degrees])
    content[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


def frames_of(path):
    """Return what is in a video: (seconds, image) of each frame, and the names of its streams' codecs."""
    with av.open(str(path)) as container:
        codecs = [stream.codec_context.name for stream in container.streams]
        frames = list(container.decode(video=0))
    return [(float(frame.pts * frame.time_base), frame.to_ndarray(format="rgb24")) for frame in frames], codecs
