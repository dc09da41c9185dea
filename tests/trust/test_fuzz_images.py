"""Images of every kind with bytes changed at random: read, or refused in one sentence; never another exception."""

import io
import random
import time

import numpy as np
import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.read import image_size, read_image, sound_size

SECONDS = 15
resource = pytest.importorskip("resource", reason="this system does not tell the peak of memory in this way")
MOST_MEMORY = 400  # MiB by which the peak of the process may rise

# fmt: off
KINDS = [
    ("PNG", "RGB"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "I;16"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("GIF", "P"),
    ("TIFF", "RGB"), ("TIFF", "F"), ("WEBP", "RGBA"), ("BMP", "RGB"), ("PPM", "RGB"), ("JPEG2000", "RGB"),
    ("ICO", "RGB"), ("TGA", "RGB"), ("PCX", "RGB"), ("SGI", "RGB"), ("DDS", "RGB"), ("XBM", "1"), ("MSP", "1"),
    ("QOI", "RGB"), ("AVIF", "RGB"), ("EPS", "RGB"),
]
# fmt: on


def encoded(kind, mode):
    """Return a small image in a format and mode, or None if this Pillow cannot write it."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8))
    image = image.convert("L") if mode in ("I;16", "F") else image.convert("RGBA") if mode == "LA" else image
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    try:
        image.convert(mode).save(content, format=kind, **({"exif": exif} if kind in ("PNG", "JPEG", "WEBP") else {}))
    except (OSError, KeyError):
        return None
    return content.getvalue()


def changed(content, rng):
    """Return the bytes with one to twenty of them changed, taken out or put in."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        what, place = rng.randrange(4), rng.randrange(len(content))
        if what == 0:
            content[place] = rng.randrange(256)
        elif what == 1:
            del content[place : place + rng.randrange(1, 9)]
        elif what == 2:
            content[place:place] = rng.randbytes(rng.randrange(1, 5))
        else:
            content[place] ^= 1 << rng.randrange(8)
        if not content:
            break
    return bytes(content)


def peak():
    """Return the most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def answer(reader, path):
    """Return what a reader makes of a file, or None if it refuses it as it should."""
    try:
        return reader(path)
    except InputError as reason:
        message = str(reason)
    assert str(path) in message
    assert len(message) < 400
    assert "\n" not in message
    return None


@pytest.mark.filterwarnings("ignore:::PIL")
def test_images_with_changed_bytes_are_read_or_refused(tmp_path):
    rng, path, end, tried = random.Random(3), tmp_path / "image", time.monotonic() + SECONDS, 0
    before = peak()
    sound = [content for kind in KINDS if (content := encoded(*kind))]
    assert len(sound) >= 15
    while time.monotonic() < end:
        tried += 1
        path.write_bytes(changed(rng.choice(sound), rng))
        pixels, size = answer(read_image, path), answer(sound_size, path)
        assert (pixels is None) == (size is None), path.read_bytes()
        if pixels is not None:
            assert (pixels.dtype, pixels.ndim) == (np.uint8, 3)
            assert pixels.shape[1::-1] == size == image_size(path), path.read_bytes()
    risen = peak() - before
    print(f"{tried} images; the peak of memory rose by {risen} MiB")
    assert risen < MOST_MEMORY
