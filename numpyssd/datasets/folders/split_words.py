"""Words in the names of files and folders that say which split they hold: instances_train2017.json, pets-val.txt."""

import re

_WORDS = "train|training|trainval|val|valid|validation|minival|dev|test|testing"
SPLIT_WORD = re.compile(rf"(?<![0-9A-Za-z])({_WORDS})([0-9]{{4}})?(?![0-9A-Za-z])", re.IGNORECASE)


def split_word(name: str) -> str | None:
    """Return the split that a name holds, without a year, in small letters; None for no split or for several."""
    found = {match.group(1).lower() for match in SPLIT_WORD.finditer(name)}
    return found.pop() if len(found) == 1 else None


def find_split(name: str, split: str) -> str | None:
    """Return the part of a name that is this split, with a year behind it or not: train2017; or None."""
    found = re.search(rf"(?<![0-9A-Za-z]){re.escape(split)}([0-9]{{4}})?(?![0-9A-Za-z])", name, re.IGNORECASE)
    return found.group() if found else None
