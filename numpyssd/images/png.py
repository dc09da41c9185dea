"""PNG without what is not the image: texts, color profiles, and chunks whose checksum is wrong.

Pillow refuses a file with a text or a profile of over a megabyte (its MAX_TEXT_CHUNK, against bombs), and one whose
first chunks have a wrong checksum. Viewers pass over both, and so does read.py, which looks at none of them.
"""

import io
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Chunks without which the image can be shown have a small first letter (PNG specification, 5.4). Two of them matter
# here: the transparency, and EXIF for the orientation.
_WANTED = (b"tRNS", b"eXIf")


def without_extras(content: bytes) -> io.BytesIO:
    """Return a PNG file as an open file without the chunks that the image does not need.

    What is damaged in the chunks that it needs stays, for the decoder to complain of.
    """
    kept, at = [SIGNATURE], len(SIGNATURE)
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        if kind[:1].isupper() or kind in _WANTED and _is_sound(chunk):
            kept.append(chunk)
        at += len(chunk)
    return io.BytesIO(b"".join(kept))


def _is_sound(chunk):
    return len(chunk) >= 12 and zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
