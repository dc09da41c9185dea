"""The lists of a VOC data set, ImageSets/Main/*.txt: which splits there are, and the stems of one.

A line should be a stem, such as 000001. Tools also write an ending (VoTT), 1, 0 or -1 behind it (VOC's lists for one
class), the path on another machine (Darknet), or image and XML file side by side (PaddleDetection).
"""

from pathlib import Path

from numpyssd.datasets.folders.split_words import SPLIT_WORD
from numpyssd.datasets.folders.text_files import first_text, read_text
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.files import SUFFIXES, Folders, plain_name, stem_of
from numpyssd.errors import InputError

_MARKS = ("1", "0", "-1")
_OF_ONE_CLASS = ("train", "val", "trainval", "test")  # what VOC and VoTT write behind the name of a class


def split_lists(folders: Folders) -> dict[str, list[Path]]:
    """Return the lists of each split; a split without a list of its own is all lists for one class together.

    A single list whose name is no split's, such as CVAT's default.txt, is that of the whole folder: then, as without
    any list, there is no split.
    """
    own, of_classes = _lists(folders)
    splits = {path.stem: [path] for path in own}
    if not own:
        for path in of_classes:
            if _ending(path):
                splits.setdefault(_ending(path), []).append(path)
    return splits if len(splits) > 1 or any(map(SPLIT_WORD.search, splits)) else {}


def find_lists(folders: Folders, split: str | None) -> list[Path]:
    """Return the lists of a split, or (None) those of the whole folder: without any list none.

    Raises InputError for a split that is not there.
    """
    own, of_classes = _lists(folders)
    if split is None:
        return own or of_classes
    path = folders.lists / f"{split}.txt"
    if path.is_file():
        return [path]
    found = split_lists(folders)
    if split in found:
        return found[split]
    splits = ", ".join(sorted(found or {path.stem for path in own})) or "none"
    what = "is no plain file" if path.exists() else "does not exist"
    raise InputError(f"{path} {what}; the splits there are: {splits}")


def read_lists(folders: Folders, paths: list[Path], issues: list[Issue]) -> list[str]:
    """Return the stems of some lists; stems that are in one list twice are taken once and added to issues."""
    every, known = {}, Stems(folders)
    for path in paths:
        stems = {}
        for number, line in enumerate(read_text(path).splitlines(), start=1):
            stem = known.of(line.strip())
            if stem in stems:
                sentence = f"line {number} repeats {stem!r} of line {stems[stem]}"
                issues.append(Issue(str(path), sentence, "it is taken once", is_warning=True))
            elif stem:
                stems[stem] = number
        every |= stems
    if not every:
        raise InputError(f"{paths[0]} lists no image; write one file name without its ending on each line")
    return list(every)


class Stems:
    """The stems that have an XML file or an image, for which the lines of a list stand."""

    def __init__(self, folders: Folders):
        images = {plain for plain in folders.image_names if plain.endswith(SUFFIXES)}
        self.known = {stem_of(plain) for plain in (*images, *folders.xml_names)}

    def of(self, line: str) -> str:
        """Return the stem for which a line stands; if nothing fits, the line without a mark behind it."""
        words = line.rsplit(None, 1)
        marked = words[0] if len(words) == 2 and words[1] in _MARKS else line
        beside = words[1] if len(words) == 2 and words[1].lower().endswith(".xml") else line
        for text in dict.fromkeys((line, marked, beside)):
            for tail in _tails(text.replace("\\", "/")):
                for stem in (tail, _without_ending(tail)):
                    if plain_name(stem) in self.known:
                        return stem
        return marked


def _tails(path):
    """Return a path without its first folders: a/b/c, b/c, c."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ["/".join(parts[k:]) for k in range(len(parts))]


def _without_ending(name):
    return stem_of(name) if name.lower().endswith((*SUFFIXES, ".xml")) else name


def _lists(folders):
    """Return the lists of splits and those of one class."""
    paths = sorted(path for path in folders.lists.glob("*") if path.suffix.lower() == ".txt" and path.is_file())
    of_classes = [path for path in paths if _is_of_one_class(path, folders)]
    return [path for path in paths if path not in of_classes], of_classes


def _is_of_one_class(path, folders):
    """Return whether a list is one for a class, such as cat_train.txt: stems with 1, 0 or -1 behind each."""
    if SPLIT_WORD.fullmatch(path.stem):
        return False
    lines = first_text(path, 4000).splitlines()
    pairs = [line.rsplit(None, 1) for line in lines[:20] if line.strip()]
    if not pairs or any(len(pair) != 2 or pair[1] not in _MARKS for pair in pairs):
        return False
    return plain_name(f"{lines[0].strip()}.xml") not in folders.xml_names  # a stem may end in " 1" by itself


def _ending(path):
    """Return the split that the name of a list for one class ends in: train for cat_train; or None."""
    name, _, last = path.stem.rpartition("_")
    return last if name and last in _OF_ONE_CLASS else None
