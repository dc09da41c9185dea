"""Files that are written whole or not at all, the error that says why one cannot be, and numbers out of texts."""

import contextlib
import os
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from numpyssd.errors import InputError


@contextlib.contextmanager
def written_whole(path: Path | str, per_process: bool = False, sync: bool = False) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to ``path`` when the block ends: nobody sees half a file.

    If the block fails, ``path`` stays as it was. A process that is killed leaves NAME.tmp or NAME.PROCESS.tmp behind
    (see run/folder.py).

    - per_process: several processes may write the file at the same time, so each takes a name of its own.
    - sync: wait until the content is on the disk, so that not even a power failure leaves a new name on old content.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp" if per_process else f"{path.name}.tmp")
    try:
        yield temporary
        if sync:
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # it is there only if something went wrong above
            temporary.unlink()


def write_error(path: Path | str, reason: OSError, remedy: str) -> InputError:
    """Return the error that says why a file cannot be written and what to do."""
    return InputError(f"{path} cannot be written ({reason.strerror or reason}); {remedy}")


def to_float(text: str | None, default: float | None = None) -> float | None:
    """Return the finite number that a text holds, or else the default; "1_0" is no number outside Python."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return default
    return value if isfinite(value) and "_" not in text else default
