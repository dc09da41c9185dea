"""Fonts that have the letters of a text: the one that Matplotlib brings, or one of the system's.

DejaVu Sans has Latin, Greek, Cyrillic, Arabic and more, and looks alike on every machine. Letters that it lacks are
taken from the first font of the system that has them; those that none has are drawn as codes, and a warning says once
for each script what to install.
"""

import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from numpyssd.console import printable
from numpyssd.figures import import_matplotlib

MAX_LENGTH = 160  # letters that are drawn of a line
# Words in the names of files that tell the plain font of a family from its others.
_NOT_PLAIN = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono", "serif", "medium", "heavy")
_UNSEEN = ("Zs", "Zl", "Zp", "Cf", "Cc", "Cs", "Mn", "Me")  # categories of Unicode
_NOT_LETTERS = ("lastresort", "adobeblank")  # have a mark for everything, and no letters
_NOTO = {
    "CJK": "Noto Sans CJK (on Debian and Ubuntu: apt install fonts-noto-cjk)",
    "symbols": "Symbola (on Debian and Ubuntu: apt install fonts-symbola)",
}
_OTHER = "one of Noto (https://fonts.google.com/noto; on Debian and Ubuntu: apt install fonts-noto-core)"


def drawable(text: str, max_length: int = MAX_LENGTH) -> str:
    """Return a text with ``\\u5b89`` for each letter that no font here has and for what is no letter, on one line.

    A text in which nothing shows, such as a blank, is written in such codes as a whole; a long one loses its middle.
    """
    text = printable(text)
    if len(text) > max_length:
        text = f"{text[: max_length // 2]}…{text[len(text) - (max_length - 1) // 2 :]}"
    if text and not any(_shows(letter) for letter in text):
        return "".join(map(_code, text))
    missing = [letter for letter in text if font_of(letter) is None]
    if missing:
        _say_missing(missing)
    return "".join(_code(letter) if letter in missing else letter for letter in text)


def runs(text: str) -> Iterator[tuple[str, Path]]:
    """Yield the pieces of a drawable text and the font of each; marks stay with the letter they stand on."""
    piece, font = "", None
    for letter in text:
        its = font if piece and (_is_mark(letter) or letter == " ") else font_of(letter) or default_font()
        if piece and its != font:
            yield piece, font
            piece = ""
        piece, font = piece + letter, its
    if piece:
        yield piece, font


@cache
def font_of(letter: str) -> Path | None:
    """Return the first font that has a letter; of what does not show, such as a blank, the default font."""
    if not _shows(letter) and not _is_mark(letter):
        return default_font()
    return next((path for path in _fonts() if ord(letter) in _letters(path) and _can_draw(path, letter)), None)


@cache
def default_font() -> Path:
    """Return the file of DejaVu Sans."""
    return Path(import_matplotlib().get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def families(text: str) -> list[str]:
    """Return the names by which Matplotlib finds the fonts of a drawable text."""
    return sorted({_family(font) for _, font in runs(text)})


@cache
def _family(font):
    from matplotlib.font_manager import FontProperties, fontManager

    fontManager.addfont(font)
    return FontProperties(fname=font).get_name()


@cache
def _fonts():
    import_matplotlib()
    from matplotlib.font_manager import findSystemFonts

    def place(path):
        name = path.stem.lower()
        return sum(word in name for word in _NOT_PLAIN), name

    system = [path for path in map(Path, findSystemFonts()) if not path.stem.lower().startswith(_NOT_LETTERS)]
    return [default_font(), *sorted(system, key=place)]


@cache
def _letters(path):
    """Return the numbers of the letters that a font has."""
    face = _opened(path)
    return np.array([] if face is None else sorted(face.get_charmap()), np.int32)


@cache
def _can_draw(path, letter):
    """Return whether something shows: fonts of colored bitmaps have letters that are empty here."""
    face = _opened(path)
    try:
        face.set_size(20, 72)
        return face.load_char(ord(letter)).width > 0 or _is_mark(letter)
    except (RuntimeError, ValueError, AttributeError):
        return False


def _opened(path):
    from matplotlib.ft2font import FT2Font

    try:
        return FT2Font(str(path))  # not kept: some systems let a process open few files
    except (RuntimeError, OSError):
        return None


def _shows(letter):
    return unicodedata.category(letter) not in _UNSEEN and letter not in "\u3164\u2800"  # blanks that count as letters


def _is_mark(letter):
    return unicodedata.category(letter) in ("Mn", "Mc", "Me") or letter in "\u200c\u200d"


def _code(letter):
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _script(letter):
    word = unicodedata.name(letter, "unknown").split()[0].split("-")[0]
    if word in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH"):
        return "CJK"
    return "symbols" if unicodedata.category(letter).startswith("S") else word.capitalize()


def _say_missing(letters):
    """Warn of letters that no font has, unless some of their script were warned of before."""
    for script in dict.fromkeys(map(_script, letters)):
        its = "".join(dict.fromkeys(letter for letter in letters if _script(letter) == script))
        said = _said_of(script)
        if not said:
            for_it = _NOTO.get(script, _OTHER)
            warnings.warn(
                f"no font here has the letters {its} ({script}), and such letters are drawn as {_code(its[0])}; to see "
                f"them, install {for_it}",
                stacklevel=3,
            )
        said.append(its)


@cache
def _said_of(script):
    return []
