"""Find the image that a COCO file means: file names were often written on another machine, or by a server.

What is tried, in this order: the name itself; with the slashes of this system; the path of an address, without the
%20 of blanks; each without its first folders; and at last without the eight letters that Label Studio puts before the
names of uploads. If nothing fits, an image with another ending is looked for. Capitals and the ways to write an accent
do not matter.
"""

import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from numpyssd.datasets.voc.files import SUFFIXES, files_by_plain_name, plain_name, stem_of

MAX_PARTS = 12  # of a name, folders and file, that are looked at
_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")


class ImageFinder:
    """The images in some folders, by the names that a file has for them; the likeliest folder first."""

    def __init__(self, folders: Sequence[Path]):
        self.folders = list(folders)

    def find(self, name: str) -> Path:
        """Return the path of an image; if there is none, where it should have been."""
        return self._place(name)[1]

    def folder_of(self, name: str) -> Path:
        """Return the folder in which an image is found; the first one for an image that is missing."""
        return self._place(name)[0]

    def of_same_stem(self, name: str, others: set[Path]) -> Path | None:
        """Return the only image that differs from a name in its ending alone, a.jpeg for a.jpg, or None.

        others: the images that the file names itself, which are none of these.
        """
        for text in _texts(name):
            for k in range(len(text)):
                stem = _image_stem("/".join(text[k:]))
                for folder, stems in zip(self.folders, self._stems):
                    found = [folder / file for file in stems.get(stem, ()) if folder / file not in others]
                    if found:
                        return found[0] if len(found) == 1 else None
        return None

    def _place(self, name):
        for folder in self.folders:
            if os.path.isfile(folder / name):
                return folder, folder / name
        for text in _texts(name):
            for k in range(len(text)):
                tail = "/".join(text[k:])
                for folder, files in zip(self.folders, self._files):
                    if os.path.isfile(folder / tail):
                        return folder, folder / tail
                    if plain_name(tail) in files:
                        return folder, folder / files[plain_name(tail)]
        return self.folders[0], self.folders[0] / name

    @cached_property
    def _files(self):
        return [files_by_plain_name(folder) if folder.is_dir() else {} for folder in self.folders]

    @cached_property
    def _stems(self):
        """Return the names of the images in each folder by their plain stems."""
        found = []
        for files in self._files:
            found.append({})
            for plain, name in files.items():
                if plain.endswith(SUFFIXES):
                    found[-1].setdefault(_image_stem(plain), []).append(name)
        return found


def _image_stem(name):
    """Return the plain form of a name without the ending of an image; any other ending belongs to the stem."""
    plain = plain_name(name)
    return stem_of(plain) if plain.endswith(SUFFIXES) else plain


def _texts(name):
    """Return the readings of a name, each as its folders and its last part."""
    texts = [name.replace("\\", "/")]
    if "?" in name or "://" in name:
        try:
            address = urlsplit(name)
        except ValueError:  # a host in brackets that is none
            address = urlsplit("")
        texts += [address.path, *parse_qs(address.query).get("d", [])]  # /data/local-files/?d=... of Label Studio
    texts += [unquote(text) for text in texts if "%" in text]
    texts += [head + last[9:] for head, last in map(_split_last, texts) if _UPLOAD.match(last)]
    parts = ([part for part in text.split("/") if part not in ("", ".")] for text in dict.fromkeys(texts))
    return [its_parts[-MAX_PARTS:] for its_parts in parts if its_parts]


def _split_last(text):
    head, slash, last = text.rpartition("/")
    return head + slash, last
