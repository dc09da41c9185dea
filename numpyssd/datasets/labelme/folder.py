"""Find the files of a data set of LabelMe: its JSON files, the image of each, and its list of labels."""

import os
import re
from functools import cached_property
from pathlib import Path

from numpyssd.datasets.folders.split_folders import (
    SUFFIXES,
    Names,
    common_stem,
    files_below,
    inner_folder,
    places_of,
    some_files,
    split_folders,
)

_SHAPES = re.compile(rb'"shapes"\s*:\s*\[')
_READ = 100_000  # bytes; a file of COCO has hundreds of millions and is not read to tell it from LabelMe's


class Files:
    """The files below a root: ``base`` is the folder, ``splits`` its folders named after a split, by that split."""

    def __init__(self, root: Path):
        self.base = inner_folder(root)
        self.splits = split_folders(self.base)
        self._names = Names()

    def label_files(self, split: str | None) -> list[Path]:
        """Return the JSON files of LabelMe of a split, or of the whole folder (None)."""
        found = self._below(split, (".json",))
        return [path for path in found if is_labelme(path) or not os.access(path, os.R_OK)]  # whose reader says so

    def images(self, split: str | None) -> list[Path]:
        """Return the images of a split, or of the whole folder."""
        return self._below(split, SUFFIXES)

    def image_of(self, path: Path, image_path: str) -> Path | None:
        """Return the image of a JSON file, or None: as imagePath says, or one of its name, beside it or in images."""
        inside = (path.parent / part for part in dict.fromkeys([image_path, Path(image_path).name]) if part)
        beside = (path.with_suffix(suffix) for suffix in SUFFIXES)
        found = (self._names.find(image) for image in (*inside, *beside))
        image = next((image for image in found if image and os.path.isfile(image)), None)
        return image or self._by_stem.get(common_stem(path, self.base))

    @cached_property
    def _by_stem(self):
        return {common_stem(image, self.base): image for image in files_below(self.base)}

    def _below(self, split, suffixes):
        folders = places_of(self.splits, split, self.base) or [self.base]
        return [path for folder in folders for path in files_below(folder, suffixes)]


def is_labelme(path: Path) -> bool:
    """Return whether a JSON file has the key shapes near its beginning or end; the image may stand between them."""
    try:
        with path.open("rb") as file:
            head = file.read(_READ)
            file.seek(max(0, path.stat().st_size - _READ))
            return bool(_SHAPES.search(head) or _SHAPES.search(file.read()))
    except OSError:
        return False


def has_labelme(folder: Path) -> bool:
    """Return whether one of the first JSON files of a folder is LabelMe's."""
    return any(is_labelme(path) for path in some_files(folder, (".json",), 5))
