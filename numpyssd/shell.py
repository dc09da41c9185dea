"""How to write a command that a user can paste into a shell: sh and its like, or on Windows cmd and PowerShell.

Some things cannot be written for both shells of Windows. A program whose path has a blank in it runs in cmd, but in
PowerShell only with ``& `` before it. Between quotes, PowerShell still takes ``$name``, a backtick and curly quotation
marks for its own, and cmd ``%NAME%`` if there is a variable of that name.
"""

import os
import re
import shlex
import shutil
import sys

PLAIN = re.compile(r"[\w.:\\/-]+")  # needs no quotes; a comma can, because PowerShell makes lists with it


def python():
    """Return how to call this very Python from here: ``python``, or its path, such as .venv/bin/python."""
    if _is_found("python", sys.executable):
        return "python"
    try:
        inside = os.path.relpath(sys.executable)
    except ValueError:  # Windows: this folder is on another drive
        inside = os.pardir
    return quote(sys.executable if inside.startswith(os.pardir) else inside)


def start(command):
    """Return how to start a command of this package, ``"detect"`` say, in the way in which this process was started."""
    if _is_installed_command() and _is_found("numpyssd", sys.argv[0]):
        return f"numpyssd {command}"
    return f"{python()} -m numpyssd.{command}"


def as_started(text):
    """Return a text with ``numpyssd train`` for ``python -m numpyssd.train`` if this process began as ``numpyssd``."""
    return re.sub(r"python -m numpyssd\.(\w+)(?![\w.])", r"numpyssd \1", text) if _is_installed_command() else text


def quote(text):
    """Return a path or another argument as one word of a command."""
    text = str(text)
    if os.name != "nt":
        return shlex.quote(text)
    if PLAIN.fullmatch(text):
        return text
    end = len(text) - len(text.rstrip("\\"))
    return f'"{text}{end * chr(92)}"'  # one backslash before a quote would make it part of the word


def _is_installed_command():
    return os.path.splitext(os.path.basename(sys.argv[0]))[0] == "numpyssd"


def _is_found(name, path):
    """Return whether the shell starts what lies beside path when name is typed."""
    found, folders = shutil.which(name), []
    for place in (found, path):
        folders.append(os.path.normcase(os.path.dirname(place or "")))
    return found is not None and folders[0] == folders[1]
