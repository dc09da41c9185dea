"""What an image has that read_image passes over or turns, and that whoever drew its boxes may have seen otherwise."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from numpyssd.errors import InputError
from numpyssd.images.read import orientation, with_image

# How an image of each orientation is stored (Exif 2.3, table 6).
TURNS = {
    2: "mirrored", 3: "upside down", 4: "upside down and mirrored", 5: "turned by 90 degrees and mirrored",
    6: "turned by 90 degrees", 7: "turned by 90 degrees and mirrored", 8: "turned by 90 degrees",
}  # fmt: skip
_TWELVE_BITS = 4096
_ORIENTATION, _BANDS, _EXTRA_BANDS = 274, 277, 338  # TIFF tags


class Notes(NamedTuple):
    """What is odd about an image file.

    - orientation: of EXIF, 1 to 8; 1: it is stored as it is shown.
    - sentences: of an image of which only a part is read, or which is darker here than it was meant. They name no
      file, and are the same for images of the same sort.
    """

    orientation: int
    sentences: list[str]


def image_notes(path: Path | str) -> Notes:
    """Return the Notes of an image file, from its head unless it has 16 bits; none of a file that cannot be read."""
    try:
        return with_image(path, _notes)
    except InputError:
        return Notes(1, [])


def _notes(image):
    turn = image.tag_v2.get(_ORIENTATION, 1) if image.format == "TIFF" else orientation(image)
    return Notes(turn if turn in TURNS else 1, _sentences(image))


def _sentences(image):
    found = []
    if image.format == "TIFF" and (extra := image.tag_v2.get(_EXTRA_BANDS)) and image.mode in ("L", "RGB"):
        bands = image.tag_v2.get(_BANDS, 1)
        read = bands - len(extra)
        found.append(f"the image has {bands} bands, and the first {read} of them {'is' if read == 1 else 'are'} read")
    if image.format not in ("MPO", "ICO") and getattr(image, "is_animated", False):
        kind = "pages" if image.format == "TIFF" else "frames"
        found.append(f"the image has {image.n_frames} {kind}, and the first of them is read")
    if image.mode.startswith("I"):
        brightest = int(np.asarray(image).max())
        if 0 < brightest < _TWELVE_BITS:
            times = 65536 // (1 << brightest.bit_length())
            sentence = f"the image has 16 bits, but no value over {(1 << brightest.bit_length()) - 1}, so that it is "
            found.append(f"{sentence}almost black here; multiply its values by {times}")
    return found


def why_sizes_differ(path: Path | str, written: tuple, size: tuple) -> str:
    """Return a guess why a label file says another (width, height) than the image at ``path`` has as it is shown."""
    turn = image_notes(path).orientation
    if tuple(written) == tuple(size)[::-1] and turn in (5, 6, 7, 8):
        return (
            f"that is its size before the EXIF turn, orientation {turn}, which the label tool did not obey; take the "
            "orientation out of the image, and the boxes fit"
        )
    return "was it turned or resized later?"
