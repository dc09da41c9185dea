"""Read an image file as a viewer shows it: turned as the camera was held, transparency on white, 8 bits of RGB."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from numpyssd.errors import InputError
from numpyssd.images import kinds, png
from numpyssd.images.libtiff import silenced
from numpyssd.images.to_rgb import to_rgb

_ORIENTATION = 0x0112  # the EXIF tag
_HEAD = 1024  # bytes by which a file is told that is no image
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What photographs and drawings come in. Of the others that Pillow knows, EPS is a program that it would have run.
FORMATS = (
    "JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "DIB", "TIFF", "PPM", "JPEG2000", "AVIF", "ICO", "TGA", "PCX", "SGI",
    "QOI", "XBM", "MSP", "DDS",
)  # fmt: skip

# What each orientation asks of the stored rows and columns (Exif 2.3, table 6).
_TURNS = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def read_image(path: Path | str) -> np.ndarray:
    """Return the image in a file as (H, W, 3) uint8 RGB, as a viewer shows it.

    Gray, palette, 1-bit, CMYK and 16-bit images become 8-bit RGB (16 bits are scaled, not cut off), transparent
    ones lie on white, the EXIF orientation is obeyed, and of several frames the first is taken. Color profiles are
    ignored. Raises InputError for a file that is missing, empty, cut short, too large or no image.
    """
    return with_image(path, _pixels)


def image_size(path: Path | str) -> tuple[int, int]:
    """Return (width, height) of the image that read_image returns, from the file's head wherever that is enough."""
    return with_image(path, _size)


def sound_size(path: Path | str) -> tuple[int, int]:
    """Return image_size(path) once the whole image was decoded, so that it raises whatever read_image would raise.

    It costs a third of read_image for a JPEG, which is decoded at an eighth of its size.
    """
    return with_image(path, _decoded_size)


def thumbnail(path: Path | str, width: int, height: int) -> np.ndarray:
    """Return an image as it is stored in gray, (height, width) uint8, to compare it with others."""
    return with_image(path, lambda image: _thumbnail(image, width, height))


def _thumbnail(image, width, height):
    image.draft("L", (4 * width, 4 * height))
    return np.asarray(image.convert("L").resize((width, height), Image.Resampling.BOX))


def with_image(path: Path | str, what: Callable):
    """Return ``what(image)`` of an image file opened by Pillow and not decoded yet; raise what read_image raises."""
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not an image; name a file in it")
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (0 bytes); copy it again from where it came from")
        # Given a name instead of an open file, Pillow 13 maps plain TIFFs into memory and mixes up those on their side.
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            with silenced() if head.startswith(_TIFF) else nullcontext():
                return _decode(file, path, head, what)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except PermissionError:
        raise InputError(f"{path} may not be read by this user; change its permissions") from None
    except UnidentifiedImageError:
        raise InputError(f"{path} {kinds.sentence(head)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = f"{2 * Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels"
        raise InputError(f"{path} claims more than {limit} and is refused; scale it down first") from None
    except Exception as reason:  # the decoders of Pillow raise almost every kind of exception for a damaged file
        reason = " ".join(str(reason).split())[:100] or type(reason).__name__
        raise InputError(f"{path} is damaged or cut short ({reason}); copy or convert it again") from None


def _decode(file, path, head, what):
    try:
        with Image.open(file, formats=_formats()) as image:
            if raw := kinds.raw_sentence(path.name, image):
                raise InputError(f"{path} {raw}")
            return what(image)
    except (OSError, ValueError, SyntaxError):
        if not head.startswith(png.SIGNATURE):
            raise
    file.seek(0)
    with Image.open(png.without_extras(file.read()), formats=_formats()) as image:
        return what(image)


@cache
def _formats():
    """Return those of FORMATS that this Pillow was built with; it takes any other name for an error of ours."""
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def orientation(image):
    """Return the EXIF orientation of an image opened by Pillow, 1 to 8, from the head of the file."""
    if image.format == "TIFF":  # Pillow turns these by itself
        return 1
    if image.format == "PNG" and "exif" not in image.info:  # asking on would decode the whole image
        return 1
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a damaged EXIF block: viewers show the image as it is stored
        return 1


def _size(image):
    width, height = image.size
    return (height, width) if orientation(image) in (5, 6, 7, 8) else (width, height)


def _decoded_size(image):
    size = _size(image)
    image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))  # JPEG alone can do that
    image.load()  # reads the whole file
    return size


def _pixels(image):
    turned = _TURNS.get(orientation(image), lambda stored: stored)
    image.load()
    pixels = turned(to_rgb(image))
    return np.ascontiguousarray(pixels)
