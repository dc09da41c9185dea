"""Unpack a tar file that came from elsewhere, and compare files with a list of their SHA-256 sums."""

import gzip
import hashlib
import shutil
import tarfile
import zlib
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from numpyssd.errors import InputError


def unpack(archive: Path, folder: Path, inside: str, only=None) -> int:
    """Unpack what lies below ``inside`` in a tar file (compressed or not) into a folder; return how many files.

    inside: a path in the tar, of which a part may be *. only: the names below it to take (None: all). Permissions and
    owners are not taken over. Raises InputError for a damaged file, and before anything is written outside the folder:
    for names that are absolute or have .. in them, and for links and devices below inside.
    """
    count = 0
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = _below(archive, member, PurePosixPath(inside).parts)
                if name is None or only is not None and str(name) not in only:
                    continue
                target = Path(folder, *name.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(member) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, 1 << 20)
                count += 1
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as reason:
        why = (str(reason).splitlines() or [type(reason).__name__])[0].rstrip(":")  # tarfile lists all that it tried
        raise InputError(f"{archive} is damaged ({why}); fetch it again") from None
    return count


def _below(archive, member, inside):
    """Return the name of a file of the tar below inside, or None for what is not wanted."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise InputError(f"{archive} holds {member.name!r}, which points elsewhere, and is refused; fetch another one")
    parts = path.parts
    if len(parts) <= len(inside) or not all(fnmatchcase(part, wanted) for part, wanted in zip(parts, inside)):
        return None
    if member.isdir():
        return None
    if not member.isfile() or "\\" in member.name or ":" in member.name:  # which mean folders and disks to Windows
        raise InputError(f"{archive} holds {member.name!r}, which is no plain file, and is refused; fetch another one")
    return PurePosixPath(*parts[len(inside) :])


def read_sums(path: Path | str) -> dict[str, str]:
    """Return {name: SHA-256} of a list as the command sha256sum writes it."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def differing(folder: Path, sums: dict[str, str]) -> list[str]:
    """Return the names of sums that are missing below a folder or have other bytes."""
    return [name for name, digest in sums.items() if _sha256(Path(folder, name)) != digest]


def _sha256(path):
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
