"""Files that are written whole or not at all, the error that says why one cannot be, and numbers out of texts."""

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from numpyssd.errors import InputError

TRIES, PAUSE = 10, 0.2  # seconds between two of them
HELD = (5, 32, 33, None)  # Windows' codes: access denied, sharing violation, lock violation; open() tells none


@contextlib.contextmanager
def written_whole(path: Path | str, per_process: bool = False, sync: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to ``path`` when the block ends: nobody sees half a file.

    If the block fails, ``path`` stays as it was. A process that is killed leaves NAME.tmp or NAME.PROCESS.tmp behind
    (see run/folder.py).

    - per_process: several processes may write the file at the same time, so each takes a name of its own.
    - sync: wait until the content is on the disk, so that not even a power failure leaves a new name on old content.
    """
    path = Path(path)
    if not path.name:  # ".", say, or on Windows "C:"
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp" if per_process else f"{path.name}.tmp")
    try:
        yield temporary
        if sync:
            with patiently(open, temporary, "rb+") as file:
                os.fsync(file.fileno())
        patiently(os.replace, temporary, path)
    finally:
        with contextlib.suppress(OSError):  # it is there only if something went wrong above
            temporary.unlink()


def write_output(path: Path | str, content: bytes, example: str) -> None:
    """Write a file that the user named, whole or not at all; its folders are made.

    example: the name of a file that is proposed in place of a folder. Raises InputError if the file cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; give a file in it, such as {path / example}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, per_process=True) as temporary:
            temporary.write_bytes(content)
    except OSError as reason:
        raise write_error(path, reason, "free some space or choose another folder") from None


def patiently(act: Callable, *arguments, **options) -> Any:
    """Return ``act(*arguments, **options)``, on Windows again for two seconds while another program holds the file.

    There a virus scanner, an indexer, OneDrive or a spreadsheet opens a file that was just written, and until it closes
    it, the file can be neither replaced nor renamed nor removed. Raises OSError after the last try; but at once
    for any other reason, and on any other system.
    """
    for _ in range(TRIES - 1):
        try:
            return act(*arguments, **options)
        except PermissionError as reason:
            if not _may_be_held(reason):
                raise
        time.sleep(PAUSE)
    return act(*arguments, **options)


def write_error(path: Path | str, reason: OSError, remedy: str) -> InputError:
    """Return the error that says why a file cannot be written and what to do."""
    renamed = reason.filename2  # the new name, which is the one that a user knows; None for anything but a renaming
    path = renamed or path
    # Windows gives the same codes where a folder may not be written; but there is then no file that could be changed.
    changeable = os.path.isfile(path) and os.access(path, os.W_OK)
    if _may_be_held(reason) and (changeable or renamed and not os.path.exists(path)):
        room = "free some space"
        remedy = remedy.replace(room, "close it there") if room in remedy else f"close it there, or {remedy}"
        return InputError(f"{path} is open in another program; {remedy}")
    return InputError(f"{path} cannot be written ({reason.strerror or reason}); {remedy}")


def _may_be_held(reason):
    return isinstance(reason, PermissionError) and getattr(reason, "winerror", 0) in HELD  # Windows alone has winerror


def to_float(text: str | None, default: float | None = None) -> float | None:
    """Return the finite number that a text holds, or else the default; "1_0" is no number outside Python."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return default
    return value if isfinite(value) and "_" not in text else default
