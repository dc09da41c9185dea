"""Fetch VOC2007, VOC2012 or BCCD and lay them out for ``--data``.

What is verified: of the archives of VOC, their SHA-256, as TensorFlow Datasets and others publish them, so that wrong
bytes are noticed before they are unpacked. Of BCCD, whose archive is made anew at each request and has no bytes of its
own, each of the 732 files against ``bccd.sha256`` (of commit d272fb14 in GitHub's Shenggan/BCCD_Dataset).

What has arrived waits in DIR/downloads until it is unpacked; a call that was interrupted goes on there. The data appear
at their place by one renaming, whole; a folder that is there already is left as it is.
"""

import contextlib
import shutil
from pathlib import Path

from numpyssd.datasets.download.sources import SOURCES
from numpyssd.datasets.download.unpacking import differing, read_sums, unpack
from numpyssd.errors import InputError
from numpyssd.files import patiently, write_error
from numpyssd.transfer import fetch_file


def download(name: str, out: Path | str, **options) -> Path:
    """Fetch a data set of SOURCES below the folder out, unless it is there; return its folder.

    options go to ``Resumable``. Raises InputError for what its user can fix; what has arrived is kept then.
    """
    source, out = SOURCES[name], Path(out)
    target = out / source.folder
    if target.is_dir() and any(target.iterdir()):
        splits = ", ".join(sorted(p.stem for p in target.glob("ImageSets/Main/*.txt") if "_" not in p.stem)) or "none"
        left = f"{target} is there already and is left as it is (splits: {splits})"
        print(f"{left}; to fetch it anew, move it away first")
        return target
    downloads = out / "downloads"
    unpacked = downloads / "unpacking" / target.name
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(unpacked, ignore_errors=True)  # of a call that was killed
        archives = [_fetch(downloads, *archive, options) for archive in source.archives]
        sums = read_sums(source.sums) if source.sums else None
        for archive in archives:
            print(f"unpacking {archive} ...", flush=True)
            _unpack(archive, unpacked, source.inside, sums)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            target.rmdir()  # empty, as seen above
        patiently(unpacked.replace, target)
    except OSError as reason:
        remedy = "free some space or choose another --out, and run this again"
        raise write_error(out, reason, remedy) from None
    finally:
        shutil.rmtree(downloads / "unpacking", ignore_errors=True)
    with contextlib.suppress(OSError):  # the data are in place; what stays here is only in the way
        for archive in archives:
            patiently(archive.unlink)
        downloads.rmdir()  # if it is empty
    return target


def _fetch(downloads, name, url, digest, options):
    """Return the path of an archive with the right bytes, fetched if need be."""
    if not (downloads / name).exists():
        print(f"fetching {url} ...", flush=True)
    return fetch_file(url, downloads / name, digest and f"sha256:{digest}", **options)


def _unpack(archive, folder, inside, sums):
    """Unpack an archive and check it; one that is not what it should be is removed, so that it is fetched anew."""
    try:
        count = unpack(archive, folder, inside, only=sums)
        if not count:
            raise InputError(f"{archive} has nothing in {inside}, so it is not what was asked for; run this again")
        wrong = differing(folder, sums) if sums else []
        if wrong:
            more = f" (the first of {len(wrong)} such files)" if len(wrong) > 1 else ""
            raise InputError(
                f"{archive}: {wrong[0]} is missing or has other bytes than are known{more}; run this again"
            )
    except InputError:
        patiently(archive.unlink)
        raise
