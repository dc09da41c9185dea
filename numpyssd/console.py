"""What is printed: only letters that the output knows, and no control characters, whatever names a file has.

Names of classes and files come from elsewhere, and a terminal obeys what stands in them: ``ESC [ 3 1 m`` turns it red,
others rename its window or turn the reading direction around (https://trojansource.codes). Every command prints through
the streams that ``make_output_safe`` sets up, progress bars and tracebacks included.
"""

import re
import sys

# C0 but for tab and new line, DEL, C1, the marks that turn the reading direction, the separators of lines and
# paragraphs, and halves of letters. A carriage return before a new line is the end of a line of Windows.
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_IN_TEXT = re.compile(rf"[{_CONTROL}]|\r(?!\n)")
_IN_LINE = re.compile(rf"[{_CONTROL}\t\n\r]")


def printable(name: str) -> str:
    """Return a name from a file on one line, with ``\\u001b`` for the control character 27, as JSON writes it."""
    return _IN_LINE.sub(_escaped, str(name))


def counted(number: int, word: str) -> str:
    """Return "1 image" or "2 images"; word: the singular of one that takes an s."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def safe(text: str) -> str:
    """Return a text of several lines with its control characters as escapes, for a file that someone may print."""
    return _IN_TEXT.sub(_escaped, text)


class SafeStream:
    """A text stream that writes control characters as escapes; all else is the stream's own.

    New lines and tabs pass, and so does the carriage return at the start of a text, with which progress bars begin.
    """

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        """Write a text without its control characters."""
        rest = text.lstrip("\r")
        self._stream.write(text[: len(text) - len(rest)] + safe(rest))
        return len(text)

    def writelines(self, lines):
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def make_output_safe():
    """Let print and progress bars escape control characters, and ``\\u2192`` if the output does not know that letter.

    Such outputs are those with one of Windows' code pages, which would raise UnicodeEncodeError.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure") and not isinstance(stream, SafeStream):  # Jupyter's has not
            stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, SafeStream(stream))


def _escaped(found):
    return f"\\u{ord(found.group()):04x}"
