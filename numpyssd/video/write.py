"""Write a video frame by frame, each at its own time, with the sound of another one beside it."""

import contextlib
from fractions import Fraction
from pathlib import Path

import numpy as np

from numpyssd.errors import InputError
from numpyssd.video import import_av

CODECS = ("libx264", "mpeg4")  # the first that FFmpeg was built with: H.264 plays everywhere
OPTIONS = {"libx264": {"crf": "20", "preset": "veryfast"}, "mpeg4": {"qmin": "2", "qmax": "4"}}
TIME_BASE = Fraction(1, 60_000)  # seconds: exact for the usual rates, and MPEG-4 allows no more than 65535
# The sound that an MP4 may hold and that players know; any other would have to be encoded anew.
SOUND = ("aac", "mp3", "ac3", "eac3", "opus", "flac", "alac")


class VideoWriter:
    """An MP4 file, open for writing; ``close`` makes it one that plays, whatever happened before.

    - size: (width, height) in pixels, which stays as it is. H.264 with halved colors, which every player knows, wants
      even sides; for odd ones the colors are not halved.
    - rate: frames a second, for what the head of the file says; the times of the frames are their own.
    - audio: a stream of PyAV whose packets ``add_audio`` gets; ``sound`` says what becomes of it, "" without one.

    Raises InputError if the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate=None, audio=None):
        av = import_av()
        self.path, self.av, self.last = path, av, -1
        codec = next(name for name in CODECS if name in av.codecs_available)
        try:
            self.container = av.open(str(path), "w", format="mp4")
        except (OSError, ValueError) as reason:  # of PyAV
            raise self._error(reason) from None
        self.stream = self.container.add_stream(codec, rate=rate or 25, options=OPTIONS[codec])
        self.stream.width, self.stream.height = size
        even = size[0] % 2 == 0 and size[1] % 2 == 0
        self.stream.pix_fmt = "yuv420p" if even or codec == "mpeg4" else "yuv444p"
        self.stream.codec_context.time_base = self.stream.time_base = TIME_BASE
        self.sound, self.audio = "", None
        if audio is not None:
            self._copy(audio)

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.close()

    def add(self, image: np.ndarray, time):
        """Write an image (H, W, 3) uint8 RGB that is shown from ``time`` on, seconds from the start."""
        frame = self.av.VideoFrame.from_ndarray(image, format="rgb24")
        self.last = max(self.last + 1, round(time / TIME_BASE))  # two frames of one time are shown one after the other
        frame.pts, frame.time_base = self.last, TIME_BASE
        self._mux(self.stream.encode, frame)

    def add_audio(self, packet, start):
        """Write a packet of the sound; start: seconds that are taken off its times."""
        if self.audio is None or packet.dts is None or packet.pts is None:
            return
        offset = round(start / packet.time_base)
        packet.pts, packet.dts = packet.pts - offset, packet.dts - offset
        packet.stream = self.audio
        self._mux(lambda: packet)

    def close(self):
        """Write what is left, and the table without which no player opens the file."""
        if self.container is None:
            return
        container, self.container = self.container, None
        try:
            if self.last >= 0:
                container.mux(self.stream.encode())
            container.close()
        except (OSError, ValueError) as reason:  # of PyAV
            with contextlib.suppress(OSError):
                container.close()
            raise self._error(reason) from None

    def _copy(self, audio):
        name = audio.codec_context.name
        if name in SOUND:
            with contextlib.suppress(OSError, ValueError):  # of PyAV: this stream cannot be copied
                self.audio, self.sound = self.container.add_stream_from_template(audio), "with its sound"
        if self.audio is None:
            self.sound = f"without its sound ({name}, which an MP4 does not hold)"

    def _mux(self, make, *arguments):
        try:
            self.container.mux(make(*arguments))
        except (OSError, ValueError) as reason:  # of PyAV
            raise self._error(reason) from None

    def _error(self, reason):
        said = getattr(reason, "strerror", None) or str(reason)
        return InputError(f"{self.path} cannot be written ({said}); free some space, or choose another --out")
