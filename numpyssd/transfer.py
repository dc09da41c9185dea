"""Fetch a file by HTTP that is too large to begin again: a connection that breaks off is taken up where it was.

Pooch checks the bytes and puts the file in its place, but begins each attempt from nothing; ``Resumable`` is a
downloader for it that does not. Data sets and published weights are fetched in this way.
"""

import logging
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.files import patiently

CHUNK = 1 << 13  # bytes; what of one has arrived when the connection breaks is lost
BUSY = (408, 425, 429, 500, 502, 503, 504)  # answers that may be another one a moment later


def fetch_file(url: str, target: Path, known: str | None = None, check: Callable | None = None, **options) -> Path:
    """Return the path ``target``, where the file at an address was put, unless it was there already.

    - known: its checksum, as "sha256:..." or "md5:..."; a file that was there is checked too;
    - check: a function of a path that raises ValueError if a file that was fetched is not the right one;
    - options: of ``Resumable``.

    What has arrived waits in NAME.part beside it until it is whole and has the right bytes. Raises InputError for what
    a user can fix.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    resumable = Resumable(target.with_name(f"{target.name}.part"), **options)

    def checked(url, output_file, _pooch):
        resumable(url, output_file)
        if check:
            check(output_file)

    try:
        pooch.retrieve(url, known, fname=target.name, path=target.parent, downloader=checked)
    except InputError:
        raise
    except ValueError:  # of the check or of pooch, which has removed the file
        raise InputError(
            f"what came from {url} has other bytes than are known and was removed; run this again, or fetch "
            f"{target.name} in another way and put it in {target.parent}"
        ) from None
    return target


class Resumable:
    """A downloader for pooch, ``resumable(url, output_file, pooch)``, that keeps what has arrived in ``part``.

    What is in part already, from an earlier attempt or an earlier call, is not asked for again (HTTP's Range); from a
    server that knows no ranges everything comes anew. Whether the bytes are right is for pooch to say.

    - tries: how many attempts in a row may bring nothing new before it gives up.
    - pause: seconds before the second attempt, twice as long before each next one.
    - timeout: seconds without an answer after which an attempt has failed.

    Raises InputError if the server can't be reached or does not have the file.
    """

    def __init__(self, part: Path | str, tries: int = 5, pause: float = 1.0, timeout: float = 30.0):
        self.part, self.tries, self.pause, self.timeout = Path(part), tries, pause, timeout

    def __call__(self, url: str, output_file: Path | str, _pooch=None):
        """Fetch what url holds to output_file; raise InputError if that fails."""
        import requests

        failures, best = 0, self._have()
        while True:
            try:
                reason = self._attempt(url)
            except requests.RequestException as error:
                reason = _plain(error)
            if reason is None:
                break
            failures, best = (failures + 1, best) if self._have() <= best else (1, self._have())
            if failures >= self.tries:
                kept = f"; the {best / 1e6:.1f} MB that arrived are kept" if best else ""
                raise InputError(
                    f"{url} can't be fetched ({reason}){kept}; check the network and run this again, or fetch the file "
                    f"in another way and put it at {self.part.with_suffix('')}"
                )
            time.sleep(self.pause * 2 ** (failures - 1))
        patiently(os.replace, self.part, output_file)

    def _have(self):
        return self.part.stat().st_size if self.part.exists() else 0

    def _attempt(self, url):
        """Fetch what is missing; return None if the file is whole now, or else why it is not."""
        import requests
        from tqdm import tqdm

        have = self._have()
        headers = {"Accept-Encoding": "identity"}  # or the lengths would be those of something else
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
            status, said = answer.status_code, answer.headers.get("Content-Range", "")
            first = re.match(r"bytes (\d+)-", said)
            if status == 416:  # nothing comes after what is there: it is whole, or not of this file
                if said == f"bytes */{have}":
                    return None
                patiently(self.part.unlink, missing_ok=True)
                return "what had arrived earlier is not of this file"
            if status in BUSY:
                return f"the server answers {status} {answer.reason}"
            if status not in (200, 206):
                raise InputError(
                    f"{url} can't be fetched (the server answers {status} {answer.reason}); fetch the file in another "
                    f"way and put it at {self.part.with_suffix('')}"
                )
            start = have if status == 206 and first and int(first[1]) == have else 0
            if status == 206 and not start:
                patiently(self.part.unlink, missing_ok=True)
                return "the server sends another part than was asked for"
            length = answer.headers.get("Content-Length", "")
            total = start + int(length) if length.isdecimal() else None
            bar = tqdm(total=total, initial=start, unit="B", unit_scale=True, unit_divisor=1024, disable=None)
            with patiently(self.part.open, "ab" if start else "wb") as file, bar:
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
        return None if total in (None, self._have()) else "the connection broke off"


def _plain(error):
    """Return what went wrong in a few words, without the objects that requests' messages quote."""
    text = str(error)
    for pattern, words in (
        ("NameResolution|Name or service|getaddrinfo", "the name of the server is not found: is there a network?"),
        ("refused", "the server refuses the connection"),
        ("[Tt]imed? ?out", "the server does not answer in time"),
        ("IncompleteRead|Connection broken|aborted|reset", "the connection broke off"),
    ):
        if re.search(pattern, text):
            return words
    return type(error).__name__
