"""The entries of the lists of a COCO file: what they must hold, and what tools write that means the same.

Taken, and said once for each kind: whole numbers written as texts, names that are numbers, annotations without ids,
outlines without boxes. Said only: scores, as detections have, and boxes that were turned.
"""

from pathlib import Path

from numpyssd.datasets.coco.outlines import outline_box
from numpyssd.datasets.issues import Issue, shortened

# Of each list: what its keys must hold. Ids of categories are whole numbers, because labels follow their order.
_NEEDED: dict[str, dict[str, tuple[type, ...]]] = {
    "categories": {"id": (int,), "name": (str,)},
    "images": {"id": (int, str), "file_name": (str,)},
    "annotations": {"id": (int, str), "image_id": (int, str), "category_id": (int,), "bbox": (list,)},
}
_WORDS = {int: "a whole number", str: "a text", list: "a list"}
KINDS = tuple(_NEEDED)


class EntryNotes:
    """What is odd in the entries of a file and no reason to stop: a warning for each kind, with their number."""

    def __init__(self, path: Path):
        self.path, self._counts = str(path), {}

    def add(self, sentence: str, effect: str, kind=None):
        """Count an entry about which this can be said; of those of one kind, the first sentence is kept."""
        first = self._counts.setdefault(kind or sentence, [sentence, effect, 0])
        first[2] += 1

    def issues(self) -> list[Issue]:
        """Return the warnings."""
        found = []
        for sentence, effect, count in self._counts.values():
            more = f" (the first of {count})" if count > 1 else ""
            found.append(Issue(self.path, f"{sentence}{more}", effect, is_warning=True))
        return found


def number_if_without_ids(kind: str, entries: list, notes: EntryNotes):
    """Give annotations ids if none has one; nothing points at them."""
    annotations = [entry for entry in entries if isinstance(entry, dict)] if kind == "annotations" else []
    if annotations and all(entry.get("id") is None for entry in annotations):
        for place, entry in enumerate(entries):
            if isinstance(entry, dict):
                entry["id"] = place
        notes.add("no annotation has an 'id'", "they are numbered from 0, as they stand in the file")


def tidied(kind: str, entry, notes: EntryNotes):
    """Return an entry with what tools write otherwise as COCO has it."""
    if not isinstance(entry, dict):
        return entry
    for key in ("id", "image_id", "category_id"):
        if key in entry:
            entry[key] = _whole(kind, key, entry[key], notes)
    if kind == "categories" and "name" in entry:
        entry["name"] = _text(entry["name"], notes)
    if kind == "annotations":
        _tidy_annotation(entry, notes)
    return entry


def _whole(kind, key, value, notes):
    """Return an id as a whole number where it can only mean one: 1.0 or "1"."""
    if isinstance(value, float) and value == value // 1 and abs(value) < 1 << 53:
        return int(value)
    if isinstance(value, str) and len(value) < 19 and value.isascii() and value.isdigit() and str(int(value)) == value:
        if str not in _NEEDED[kind].get(key, (str,)):
            notes.add(f"{key!r} must be a whole number, not {value!r}", f"it is taken for {value}", "whole number")
        return int(value)
    return value


def _text(name, notes):
    """Return the name of a category without blanks around it; a number is taken for its digits."""
    if isinstance(name, int | float) and not isinstance(name, bool):
        notes.add(f"'name' must be a text, not {name!r}", f"it is taken for '{name}'", "name")
        return str(name)
    return name.strip() if isinstance(name, str) else name


def _tidy_annotation(entry, notes):
    if not entry.get("bbox") and (box := outline_box(entry.get("segmentation"))):
        entry["bbox"] = box
        sentence = f"annotation {shortened(repr(entry.get('id')))}: it has an outline and no 'bbox'"
        notes.add(sentence, "the box around the outline is taken", "outline")
    entry.pop("segmentation", None)
    if "score" in entry:
        notes.add("annotations have a 'score', as detections have", "they are taken for ground truth", "score")
    attributes = entry.get("attributes")
    if isinstance(attributes, dict) and attributes.get("rotation") not in (None, 0, "0", "0.0", ""):
        sentence = f"annotation {shortened(repr(entry.get('id')))}: its box is turned ('rotation')"
        notes.add(sentence, "it is taken as if it were upright", "rotation")


def has_keys(place: int, entry, wrong) -> bool:
    """Return whether an entry, which stands at this place of its list, has what its kind needs; or else say it.

    wrong: the EntryIssues of its kind.
    """
    where = f"number {place} (counted from 0)"
    if not isinstance(entry, dict):
        wrong.add(where, "it is no dictionary")
        return False
    if _is(entry.get("id"), (int, str)):
        where = shortened(repr(entry["id"]))
    for key, types in _NEEDED[wrong.kind].items():
        if key not in entry:
            wrong.add(where, f"it has no key {key!r}")
            return False
        if not _is(entry[key], types) or entry[key] == "":
            words = " or ".join(_WORDS[t] for t in types)
            wrong.add(where, f"{key!r} must be {words}, not {shortened(repr(entry[key]))}")
            return False
    return True


def _is(value, types):
    return isinstance(value, types) and not isinstance(value, bool)
