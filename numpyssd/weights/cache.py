"""Published weights are fetched into the user's cache when they are asked for by name, and stay there.

The cache is the folder that the system has for such files (on Linux ~/.cache/numpyssd), or NUMPYSSD_CACHE.
"""

import hashlib
import os
import sys
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.files import write_error
from numpyssd.transfer import fetch_file
from numpyssd.weights.published import PUBLISHED, Published, key_of

VARIABLE = "NUMPYSSD_CACHE"


def cache_folder() -> Path:
    """Return the folder of the fetched weights; it need not exist."""
    import pooch

    return Path(os.environ.get(VARIABLE) or pooch.os_cache("numpyssd")) / "weights"


def cached(name: str, **options) -> Path:
    """Return the path of published weights, which are fetched first if they are not in the cache.

    options: of ``transfer.Resumable``. Raises InputError, which says how to get the file by hand, if that fails.
    """
    published, folder = PUBLISHED[key_of(name)], cache_folder()
    target = folder / published.file_name
    if target.is_file():
        return target
    print(f"fetching {published.url} into {folder} ...", file=sys.stderr, flush=True)
    kind, _, digits = (published.checksum or "").partition(":")
    known = published.checksum if kind == "md5" else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return fetch_file(published.url, target, known, lambda file: _check(file, kind, digits), **options)
    except OSError as reason:
        raise write_error(folder, reason, f"free some space, or name another folder in {VARIABLE}") from None
    except KeyboardInterrupt:
        print("\nwhat has arrived is kept; the same command goes on with it", file=sys.stderr, flush=True)
        raise


def _check(file, kind, digits):
    """Raise ValueError unless the SHA-256 of a file begins with these digits, or for what is no file of weights."""
    with open(file, "rb") as content:
        if kind == "sha256" and not hashlib.file_digest(content, kind).hexdigest().startswith(digits):
            raise ValueError("other bytes")
        content.seek(0)
        if content.read(64).lstrip()[:1] == b"<":  # a page of the network, or of a server that has the file no more
            raise ValueError("a web page")


def about(name: str, published: Published) -> list[str]:
    """Return what ``numpyssd weights --list`` prints about published weights, as lines."""
    what = f"SSD{published.image_size}, {published.classes} classes" if published.classes else "base network VGG-16"
    size = f", {published.megabytes:.0f} MiB" if published.megabytes else ""
    here = ", in the cache" if (cache_folder() / published.file_name).is_file() else ""
    check = "checked by " + {"sha256": "the first 8 digits of its SHA-256", "md5": "its MD5"}.get(
        (published.checksum or "").partition(":")[0], "nothing, because nobody has published a checksum"
    )
    lines = [f"{name}: {what}, trained on {published.trained_on}{size}{here}", f"published figure: {published.result}"]
    return [lines[0], *(f"    {line}" for line in [*lines[1:], published.note, published.url, check] if line)]


def refuse_unknown(name: str):
    """Raise InputError for a name that begins as published ones do, and for a file of theirs that is not there."""
    known = next((key for key, one in PUBLISHED.items() if Path(name).name == one.file_name), None)
    if known:
        raise InputError(f"{name} does not exist; --weights {known} fetches it")
    project = name.partition(":")[0]
    names = [key for key in PUBLISHED if key.startswith(f"{project}:") or key.endswith(f":{name}")]
    if names:
        raise InputError(f"no published weights are called {name}; near to that are {', '.join(names)}")
