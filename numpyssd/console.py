"""Terminals, files and pipes that do not know every letter, such as those with one of Windows' code pages."""

import sys


def escape_unknown_letters():
    """Let print write ``\\u2192`` for a letter that the output does not know, and not raise UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Jupyter's has not, and knows all letters
            stream.reconfigure(errors="backslashreplace")
