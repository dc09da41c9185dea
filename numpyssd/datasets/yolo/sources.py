"""Where the images of a YOLO data set are: what its files say, and what is there."""

import os
import re
from pathlib import Path

from numpyssd.datasets.folders.split_folders import SPLIT_ORDER, SUFFIXES, Names, files_below, has_files, split_of
from numpyssd.datasets.folders.text_files import first_text, read_lines
from numpyssd.datasets.issues import Issue


def find_below(base: Path, text: str, files: Names | None = None) -> Path | None:
    """Return the file or folder below ``base`` that a path in data.yaml or in a list means, or None.

    Tools write the paths of another computer, or with folders before them that were never there (Roboflow: ../train,
    CVAT: data/obj_train_data). So the longest end of the path counts that is there.
    """
    parts = [part for part in re.split(r"[\\/]+", text.strip()) if part not in ("", ".", "..")]
    files = files or Names()
    ends = (base.joinpath(*parts[start:]) for start in range(len(parts)))
    return next((found for found in map(files.find, ends) if found), None) if parts else base


def sources_in(content: dict, path: Path, above: str, base: Path, issues: list[Issue]) -> dict[str, list[Path]]:
    """Return the folders and lists of each split that data.yaml or obj.data names and that are there."""
    sources = {}
    for key in SPLIT_ORDER:
        value = content.get(key)
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str) and text]
        found = [_place(text, path, above, base) for text in texts]
        if any(found):
            sources[key] = [place for place in found if place]
        for text, place in zip(texts, found):
            if place is None:
                sentence = f"{key}: {text} is not there, or empty"
                issues.append(Issue(str(path), sentence, "what the folder itself shows counts", is_warning=True))
    return sources


def _place(text, path, above, base):
    """Return where a split is: below ``base``, or else as the file says; None if it is not there, or empty."""
    below = find_below(find_below(base, above) or base, text) or find_below(base, text)
    written = path.parent / above / text
    place = below or (written if os.path.exists(written) else None)
    return None if place and place.is_dir() and not has_files(place) else place


def without_equal(sources: dict[str, list[Path]], path: Path, issues: list[Issue]):
    """Empty the splits if all are the same images: such a file only repeats one folder, and nobody has split it."""
    places = {tuple(paths) for paths in sources.values()}
    if len(sources) > 1 and len(places) == 1:
        sentence = f"{' and '.join(sources)} are the same images"
        issues.append(Issue(str(path), sentence, "so it names no splits", is_warning=True))
        sources.clear()


def lists_in(base: Path) -> dict[str, list[Path]]:
    """Return the lists of images in a folder, train.txt, by their splits."""
    found = {}
    for path in sorted(base.glob("*.txt")):
        if split_of(path.stem) and is_list(path):
            found.setdefault(split_of(path.stem), []).append(path)
    return found


def is_list(path: Path) -> bool:
    """Return whether a path is a text file that lists images, one a line."""
    if not os.path.isfile(path):
        return False
    first = first_text(path, 2000).split("\n")[0]
    return first.strip().lower().endswith(SUFFIXES)


def images_in(source: Path, base: Path) -> list[Path]:
    """Return the images of a folder or a list; those of a list may not be there."""
    if source.is_dir():
        return files_below(source)
    files, found = Names(), []
    for _, line in read_lines(source):
        place = find_below(base, line, files) or find_below(source.parent, line, files)
        written = source.parent / line.replace("\\", "/")
        found.append(place or written)
    return found
