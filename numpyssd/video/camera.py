"""The newest frame of a camera: frames that come while nobody is ready are counted, and not kept."""

import re
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction

from numpyssd.errors import InputError
from numpyssd.video import import_av
from numpyssd.video.read import Frame

# How FFmpeg reaches a camera, by system: the name of the format, and that of the device of a number.
DEVICES = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}"), "win32": ("dshow", "video={}")}

PATIENCE = 20  # seconds without a frame


def open_camera(text: str):
    """Return PyAV's container of a camera, "camera:0". Raises InputError if there is none."""
    av = import_av()
    number = text.partition(":")[2]
    if not re.fullmatch("[0-9]+", number):
        raise InputError(f"{text} names no camera; the first is camera:0")
    system, device = DEVICES.get(sys.platform, DEVICES["linux"])
    try:
        if sys.platform == "win32":  # which knows cameras by name alone
            cameras = [found for found in av.enumerate_input_devices(system) if "video" in found.media_types]
            if int(number) >= len(cameras):
                raise InputError(
                    f"{text} is not there: this computer has {len(cameras)} cameras; the first is camera:0"
                )
            number = cameras[int(number)].name
        return av.open(device.format(number), format=system)
    except InputError:
        raise
    except (OSError, ValueError, AttributeError) as reason:
        said = getattr(reason, "strerror", None) or str(reason)
        raise InputError(
            f"{text} ({device.format(number)}) cannot be opened ({said}); plug it in, close what else uses it, "
            "and allow this one to"
        ) from None


class Camera:
    """A camera whose newest frame can be had at any time; to be used in a ``with`` block.

    container: of PyAV, as ``open_camera`` returns it. skipped: how many frames nobody was ready for, so far. The other
    names are those of a VideoReader.
    A thread reads all the time, so that a frame is never older than the camera makes it.
    """

    def __init__(self, container, name="camera"):
        self.container, self.name, self.skipped = container, name, 0
        self.newest = self.error = self.first = self.rate = self.audio = self.frame_count = None
        self.read, self.ended, self.stopped = 0, False, False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True, name=name)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *reason):
        with self.changed:
            self.stopped = True
        self.thread.join(timeout=5)
        self.container.close()

    def frames(self) -> Iterator[Frame]:
        """Yield the newest frame, whenever one is asked for, until the camera ends.

        Raises InputError if it breaks off.
        """
        while True:
            with self.changed:
                if not self.changed.wait_for(lambda: self.newest is not None or self.ended, PATIENCE):
                    self.error = f"nothing came for {PATIENCE} s"
                if self.newest is None:
                    break
                frame, self.newest = self.newest, None
            yield frame
        if self.error is not None:
            raise InputError(f"{self.name} broke off after {self.read} frames ({self.error}); plug it in again")

    def _read(self):
        try:
            for number, frame in enumerate(self.container.decode(video=0)):
                time = Fraction(frame.pts or 0) * frame.time_base
                self.first = time if self.first is None else self.first
                made = Frame(number, time - self.first, frame.to_ndarray(format="rgb24"))
                with self.changed:
                    self.read += 1
                    self.skipped += self.newest is not None
                    self.newest = made
                    self.changed.notify()
                    if self.stopped:
                        break
        except (OSError, ValueError) as reason:  # of PyAV
            self.error = getattr(reason, "strerror", None) or str(reason)
        finally:
            with self.changed:
                self.ended = True
                self.changed.notify()
