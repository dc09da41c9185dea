"""Read a video frame by frame, upright, with the time of each; only one frame is in memory at a time."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numpyssd.errors import InputError
from numpyssd.video import import_av

REMEDY = "copy it again from where it came from"
SPARE = 0.5  # seconds that the last frame may be away from the end that the file's head tells


class Frame(NamedTuple):
    """A frame of a video or a camera."""

    number: int  # from 0
    time: Fraction  # seconds from the start of the video
    image: np.ndarray  # (H, W, 3) uint8 RGB, as a player shows it


class VideoReader:
    """A video file, open for reading; to be used in a ``with`` block.

    - frame_count: how many frames the file's head tells, or an estimate from its duration; None if it tells neither;
    - rate: the mean number of frames a second, a Fraction; None if unknown;
    - audio: PyAV's stream of sound, or None; its packets go to ``on_audio`` as they come in between the frames;
    - start: the time of the file that is 0 here, in seconds; skipped: 0, since every frame is read.

    Raises InputError for a file that is missing or damaged, and for one without a video in it.
    """

    def __init__(self, path: Path):
        self.path, self.av = path, import_av()
        self.damaged, self.first_damaged, self.last = 0, None, None  # damaged: how many frames
        self.on_audio, self.skipped = lambda packet: None, 0
        try:
            if path.stat().st_size == 0:
                raise InputError(f"{path} is empty (0 bytes); {REMEDY}")
            self.container = self.av.open(str(path))
        except (OSError, ValueError) as reason:  # PyAV's errors are of these kinds
            raise _open_error(path, reason) from None
        if not self.container.streams.video:
            others = len(self.container.streams)
            self.container.close()
            if not others:
                raise _open_error(path, "it tells of no video in it")
            raise InputError(f"{path} holds no video, only sound or other data; name a video or an image")
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.audio = self.container.streams.audio[0] if self.container.streams.audio else None
        self.rate = self.stream.average_rate or self.stream.guessed_rate or None
        self.start = Fraction(self.container.start_time or 0, self.av.time_base)
        self.seconds = self._seconds()
        self.frame_count = (
            self.stream.frames or (self.seconds and self.rate and round(self.seconds * self.rate)) or None
        )

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.container.close()

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; one without a time of its own follows the one before it at the mean rate.

        Raises InputError for a damaged file, once all that can be read was yielded.
        """
        time = None
        for number, frame in enumerate(self._decoded()):
            if frame.pts is not None:
                time = frame.pts * frame.time_base - self.start
            else:
                time = Fraction(0) if time is None else time + 1 / (self.rate or Fraction(25))
            if frame.is_corrupt:
                self._note(time)
            self.last = number, time
            yield Frame(number, time, upright(frame.to_ndarray(format="rgb24"), frame.rotation))
        self._check_end()

    def _decoded(self):
        streams = [self.stream] + ([self.audio] if self.audio else [])
        packets, time = self.container.demux(streams), None
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (OSError, ValueError):  # of PyAV: the file cannot be read on
                self._note(time)
                return
            if packet.stream is self.audio:
                self.on_audio(packet)
                continue
            time = time if packet.pts is None else packet.pts * packet.time_base - self.start
            try:
                decoded = packet.decode()
                damaged = packet.is_corrupt
            except (OSError, ValueError):  # of PyAV; others may follow that can be decoded
                decoded, damaged = [], True
            if damaged:
                self._note(time)
            yield from decoded

    def _note(self, time):
        """Count a damaged frame of this time, or of an unknown one (None)."""
        self.damaged += 1
        if self.first_damaged is None:
            self.first_damaged = Fraction(0) if time is None else time

    def _check_end(self):
        if self.last is None:
            raise InputError(f"{self.path} holds no frame that can be read; {REMEDY}")
        if self.damaged:
            raise InputError(
                f"{self.path} is damaged from {float(self.first_damaged):.2f} s on ({self.damaged} frames cannot be "
                f"read or are faulty); what could be read was done, to {_place(*self.last)}; {REMEDY}"
            )
        end = self.last[1] + 1 / (self.rate or Fraction(25))
        if self.seconds is not None and end + SPARE < self.seconds:
            raise InputError(
                f"{self.path} is cut short: it ends with {_place(*self.last)}, and its head tells of "
                f"{float(self.seconds):.1f} s; what there is was done; {REMEDY}"
            )

    def _seconds(self):
        """Return how long the head of the file says that the video is; None if it does not."""
        if self.stream.duration is not None:
            return self.stream.duration * self.stream.time_base
        if self.container.duration is None or len(self.container.streams) > 1:  # the sound may be longer
            return None
        return Fraction(self.container.duration, self.av.time_base)


def upright(image: np.ndarray, degrees: float) -> np.ndarray:
    """Return an image turned by the rotation that its video asks of players: counterclockwise, a multiple of 90."""
    return np.ascontiguousarray(np.rot90(image, round(degrees / 90) % 4))


def _place(number, time):
    return f"frame {number} ({float(time):.2f} s)"


def _open_error(path, reason):
    if isinstance(reason, InputError):
        return reason
    if isinstance(reason, FileNotFoundError):
        return InputError(f"{path} does not exist; check the name")
    if isinstance(reason, PermissionError):
        return InputError(f"{path} may not be read by this user; change its permissions")
    said = getattr(reason, "strerror", None) or str(reason)
    return InputError(f"{path} is no video that can be read, or is damaged or cut short ({said}); {REMEDY}")
