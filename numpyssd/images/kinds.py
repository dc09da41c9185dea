"""What a file is that is no image to read here, by its first bytes, and what its owner can do about it."""

import warnings
from io import BytesIO
from struct import error as StructError

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from numpyssd.console import printable

OTHER = "is not an image of a known kind; convert it to JPEG or PNG"
_HEIC = "is a HEIC photograph, which is not read; convert it to JPEG (an iPhone set to 'Most Compatible' takes JPEGs)"
_RAW = "is the raw data of a camera; develop it, or take the JPEG beside it"
_VIDEO = "is a video, not an image"
_PAGE = "is a document of pages, not an image; save the page as PNG"
_DRAWING = "is a drawing of lines, not of pixels; save it as PNG"

# (how many bytes from the start, the bytes there, the sentence)
_KINDS = (
    (0, b"8BPS", "is a Photoshop file, whose layers are not put together here; save it as JPEG or PNG"),
    *((8, brand, _HEIC) for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")),
    (8, b"avif", "is an AVIF, which this Pillow cannot read; install a newer Pillow, or convert it to JPEG"),
    (0, b"\xff\x0a", "is a JPEG XL, which is not read; convert it to JPEG or PNG"),
    (0, b"\0\0\0\x0cJXL ", "is a JPEG XL, which is not read; convert it to JPEG or PNG"),
    (8, b"crx ", _RAW),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    *((0, start, _RAW) for start in (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")),  # Olympus, Panasonic
    (4, b"ftyp", _VIDEO),
    (8, b"AVI ", _VIDEO),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO),  # Matroska, WebM
    (0, b"%PDF", _PAGE),
    (0, b"%!PS", _PAGE),
    (0, b"\xc5\xd0\xd3\xc6", _PAGE),  # EPS with a preview
    (128, b"DICM", "is a DICOM file; save its image as PNG with 8 bits, in the window that a reader would choose"),
    (0, b"SIMPLE  =", "is a FITS file; save its image as PNG with 8 bits"),
    (0, b"#?RADIANCE", "is an HDR image, whose brightness has no end; save it as JPEG or PNG"),
    (0, b"v/1\x01", "is an OpenEXR image, whose brightness has no end; save it as JPEG or PNG"),
    (0, b"PK\x03\x04", "is a ZIP archive, not an image; unpack it"),
    (0, b"version https://git-lfs", "is a pointer of Git LFS in place of the image; type git lfs pull"),
)
# Raw data that begins as a TIFF does, so that its small preview would be taken for the photograph.
_RAW_ENDINGS = (
    ".dng", ".nef", ".nrw", ".arw", ".sr2", ".srw", ".cr2", ".pef", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".rwl",
)  # fmt: skip
_DNG_VERSION = 50706  # the TIFF tag
_BITS, _BANDS, _SAMPLE_FORMAT = 258, 277, 339  # TIFF tags


def sentence(head: bytes) -> str:
    """Return what a file is that begins with these bytes (a few hundred), and what to do: "is a video, ..."."""
    for at, start, text in _KINDS:
        if head[at:].startswith(start):
            return text
    if head[:4] in (b"II*\0", b"MM\0*"):
        return f"is a TIFF of a kind that is not read ({_tiff_kind(head)}); save it with 8 bits, as PNG say"
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        return "is a web page, not an image; fetch the image itself"
    if b"<svg" in begin and begin.startswith(b"<"):
        return _DRAWING
    return OTHER


def raw_sentence(name: str, image) -> str:
    """Return the sentence for a TIFF, opened by Pillow, that is the raw data of a camera; "" if it is not."""
    is_raw = image.format == "TIFF" and (name.lower().endswith(_RAW_ENDINGS) or _DNG_VERSION in image.tag_v2)
    return _RAW if is_raw else ""


def _tiff_kind(head):
    try:
        file, tags = BytesIO(head), ImageFileDirectory_v2(head[:8])
        file.seek(tags.next)
        with warnings.catch_warnings(action="ignore"):  # of a head that is cut short
            tags.load(file)
        bits = tags.get(_BITS, (1,))
        word = {1: "whole numbers", 2: "signed whole numbers", 3: "floats"}.get(tags.get(_SAMPLE_FORMAT, (1,))[0])
        return f"{tags.get(_BANDS, 1)} bands of {bits[0]} bits, {word or 'of an unknown type'}"
    except (SyntaxError, ValueError, TypeError, IndexError, KeyError, StructError, OSError) as reason:
        return printable(reason)[:60] or "its head is damaged"
