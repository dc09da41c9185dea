"""One run in a folder at a time, by a lock that the system itself takes away when a process ends, killed or not."""

import contextlib
import os

from numpyssd.errors import InputError

LOCK_FILE = "training.lock"  # on Windows, which locks no folders; what a killed run leaves of it locks nothing


@contextlib.contextmanager
def alone_in(folder):
    """Lock a folder for this process. Raises InputError if another one has locked it, or if it cannot be opened.

    Where a disk knows no locks, as some network disks do, nothing is locked. The library filelock would leave a file
    on every system; here only Windows has one.
    """
    try:
        import fcntl
    except ImportError:
        with _locked_file(folder):
            yield
        return
    handle = _open(folder, os.O_RDONLY, f"the folder {folder} cannot be read")
    try:
        with _taken_means_another_run(folder, BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked_file(folder):
    """Lock the first byte of LOCK_FILE, as Windows can, and remove the file at the end."""
    import msvcrt

    path = folder / LOCK_FILE
    handle = _open(path, os.O_RDWR | os.O_CREAT, f"the folder {folder} cannot be written")
    try:
        with _taken_means_another_run(folder, PermissionError):
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    except InputError:
        os.close(handle)
        raise
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        os.close(handle)
        with contextlib.suppress(OSError):  # Windows keeps a file that another process has open
            os.unlink(path)


def _open(path, flags, complaint):
    try:
        return os.open(path, flags)
    except OSError as reason:
        said = f"{complaint} ({reason.strerror}); change its permissions, or choose another --out"
        raise InputError(said) from None


@contextlib.contextmanager
def _taken_means_another_run(folder, taken):
    try:
        yield
    except taken:
        said = f"another run is training in {folder}; wait until it has ended, or choose another --out"
        raise InputError(said) from None
    except OSError:  # a disk without locks
        pass
