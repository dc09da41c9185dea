"""Text of any script drawn with Pillow, each piece with a font that has its letters."""

from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from numpyssd.fonts import default_font, runs


@lru_cache(maxsize=4096)  # many boxes have the same name and score
def text_width(text: str, size: int) -> float:
    """Return how wide a drawable text is, in pixels, in letters of this size."""
    return sum(_font(path, size).getlength(piece) for piece, path in runs(text))


def draw_text(draw, x: float, middle: float, text: str, color, size: int):
    """Draw a drawable text from x to the right, with the middle of its line at a height."""
    for piece, path in runs(text):
        font = _font(path, size)
        if path == default_font():
            draw.text((x, middle), piece, color, font, anchor="lm")
        else:  # on the line on which the default font's letters stand
            ascent, descent = _font(default_font(), size).getmetrics()
            draw.text((x, middle + (ascent - descent) / 2), piece, color, font, anchor="ls")
        if piece != text:
            x += font.getlength(piece)


def shortened(text: str, size: int, width: float) -> str:
    """Return a text with its middle left out until it is at most ``width`` pixels wide."""
    short = text
    while text_width(short, size) > width and len(text) > 2:
        text = text[: len(text) // 2 - 1] + text[len(text) // 2 :]
        short = text[: len(text) // 2] + "…" + text[len(text) // 2 :]
    return short


@cache
def _font(path: Path, size: int):
    return ImageFont.truetype(path, size)
