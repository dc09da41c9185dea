"""The file that says which part of the data each image is in: a table, so that a person can read and change it.

A run leaves it in its folder (split.csv) and, where that can be written, in the folder of the data
(numpyssd_split.csv). Images are found again by their content, so the folder may be moved and files may be renamed; an
image whose bytes were changed is found by its name.
"""

import csv
from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from numpyssd.datasets.splits.assignment import PARTS
from numpyssd.errors import InputError
from numpyssd.files import written_whole

IN_RUN, IN_DATA = "split.csv", "numpyssd_split.csv"
COLUMNS = ("part", "image", "sha256")
LETTERS = 16  # of the SHA-256 of a file, in hexadecimal: 64 bits


class Entry(NamedTuple):
    """An image: the part it is in, its path below the folder of the data, and the digest of its bytes."""

    part: str
    image: str
    digest: str


class Record:
    """The entries of a file by image."""

    def __init__(self, entries: Iterable[Entry] = ()):
        self.entries: dict[tuple[str, str], Entry] = {(entry.image, entry.digest): entry for entry in entries}
        self._by_digest = _unambiguous((entry.digest, entry.part) for entry in self.entries.values())
        self._by_image = _unambiguous((entry.image, entry.part) for entry in self.entries.values())

    def part(self, image: str, digest: str) -> str | None:
        """Return the part of an image, or None for one that is not in the record."""
        if (image, digest) in self.entries:
            return self.entries[image, digest].part
        return self._by_digest.get(digest) or self._by_image.get(image)

    def part_of_content(self, digest: str) -> str | None:
        """Return the part of an image with these bytes under any name, or None."""
        return self._by_digest.get(digest)

    def with_entries(self, entries: Iterable[Entry]) -> "Record":
        """Return a record with more entries; those of this one stay."""
        return Record([*entries, *self.entries.values()])


def _unambiguous(pairs):
    found = {}
    for key, part in pairs:
        found[key] = part if found.get(key, part) == part else None
    return found


def digest(path: Path) -> str:
    """Return the digest of a file's bytes. Raises InputError if it cannot be read."""
    try:
        with open(path, "rb") as file:
            found = file_digest(file, "sha256")
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror or reason}); change its permissions") from None
    return found.hexdigest()[:LETTERS]


def read(path: Path | str) -> Record:
    """Return the record in a file; an empty one if there is no file. Raises InputError if it is damaged."""
    path, entries = Path(path), []
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if not row or number == 1 and tuple(row) == COLUMNS:
                    continue
                if len(row) != len(COLUMNS) or row[0] not in PARTS:
                    wanted = f"needs {', '.join(COLUMNS)}, and the part is one of {', '.join(PARTS)}"
                    raise InputError(f"{path}, line {number}: {wanted}; mend the line, or remove it")
                entries.append(Entry(*row))
    except FileNotFoundError:
        return Record()
    except (OSError, csv.Error) as reason:
        raise InputError(f"{path} cannot be read ({reason}); mend it, or remove it") from None
    return Record(entries)


def write(path: Path | str, record: Record):
    """Write a record, all or nothing, sorted by image. Raises OSError if that fails."""
    with (
        written_whole(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        entries: list[Entry] = sorted(record.entries.values(), key=_name_and_digest)
        rows.writerows(entries)


def _name_and_digest(entry: Entry):
    return entry.image, entry.digest
