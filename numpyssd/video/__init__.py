"""Videos and cameras by way of PyAV, which brings FFmpeg's libraries: frames in, frames out, one at a time.

read.py    the frames of a file, upright, each with its number and its time
camera.py  the newest frame of a camera, however slow the reader is
write.py   a video with the same size and the same times
"""

from types import ModuleType

from numpyssd import shell
from numpyssd.errors import InputError


def import_av() -> ModuleType:
    """Return PyAV's module. Raises InputError, which says how to install it, without it."""
    try:
        import av
    except ImportError:
        install = f"{shell.python()} -m pip install av"
        raise InputError(f"videos and cameras need the package av (PyAV), which is not here; type: {install}") from None
    return av
