"""Text files of the label formats: in UTF-8, or in the encoding that a byte order mark at their beginning says.

PowerShell's > and Notepad's "Unicode" write UTF-16 with such a mark.
"""

import codecs
from pathlib import Path

from numpyssd.errors import InputError, refuse_pipe

MAX_BYTES = 20_000_000  # bytes; a thousand long outlines have a few million
# The mark of UTF-32 begins with that of UTF-16. Each of these codecs takes the mark away.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes, errors: str = "strict") -> str:
    """Return the text in the bytes of a file, without a byte order mark.

    errors: "strict" raises UnicodeDecodeError for what is no text; "replace" suits the first bytes of a file, which may
    end within a letter.
    """
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8-sig")
    return content.decode(encoding, errors)


def first_bytes(path: Path, count: int) -> bytes:
    """Return at most the first ``count`` bytes of a file; none if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""


def first_text(path: Path, count: int) -> str:
    """Return the text in at most the first ``count`` bytes of a file, whatever is in it."""
    return decoded(first_bytes(path, count), "replace")


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a file. Raises InputError for one that cannot be read, is too long or is no text."""
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    if len(content) > max_bytes:
        raise InputError(f"{path} has more than {max_bytes} bytes and is refused; is it a text file in UTF-8?")
    try:
        text = decoded(content)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; save it again in that encoding") from None
    if "\0" in text:
        raise InputError(f"{path} holds NUL bytes and is refused; is it a text file in UTF-8?")
    return text


def read_lines(path: Path, max_bytes: int = MAX_BYTES) -> list[tuple[int, str]]:
    """Return the lines of a text file that are not blank, with their numbers from 1. Raises as ``read_text``."""
    lines = enumerate(read_text(path, max_bytes).splitlines(), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip()]
