"""How to write a command that a user can paste into a shell."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def python():
    """Return how to call this very Python from here: ``python``, or its path, such as .venv/bin/python."""
    found = shutil.which("python")
    if found and Path(found).parent == Path(sys.executable).parent:
        return "python"
    inside = os.path.relpath(sys.executable)
    return shlex.quote(sys.executable if inside.startswith("..") else inside)


def quote(text):
    """Return a path or another argument as one word of a command."""
    return shlex.quote(str(text))
