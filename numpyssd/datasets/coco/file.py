"""Read a file of annotations of the COCO kind: the JSON as it stands, its keys and its ids checked.

The file holds three lists that point at one another by id: images, annotations and categories.
"""

import json
from collections import namedtuple
from pathlib import Path

from numpyssd.datasets.issues import BOX_OUT, IMAGE_OUT, AnnotationIssue, Issue, shortened
from numpyssd.errors import InputError, refuse_pipe

COCOFile = namedtuple("COCOFile", "images annotations categories")  # lists of dictionaries, as in the file

# Of each list: what its keys must hold. Ids of categories are whole numbers, because labels follow their order.
_NEEDED = {
    "categories": {"id": (int,), "name": (str,)},
    "images": {"id": (int, str), "file_name": (str,)},
    "annotations": {"id": (int, str), "image_id": (int, str), "category_id": (int,), "bbox": (list,)},
}
_WORDS = {int: "a whole number", str: "a text", list: "a list"}
ONE_OF = {"categories": "category", "images": "image", "annotations": "annotation"}


EFFECTS = {"categories": "its annotations are left out", "images": IMAGE_OUT, "annotations": BOX_OUT}


def read_coco(path: Path | str, issues: list[Issue]) -> COCOFile:
    """Return the COCOFile at path, the categories sorted by id, without the entries that are of no use.

    Those are added to issues: entries that lack one of the keys needed here, that share an id with one before, images
    with the same file name, categories with the same name, and annotations that point at an image or a category that is
    not there. Raises InputError for a file that is missing or no JSON, or without one of the lists or anything in it.
    """
    path = Path(path)
    content = _load(path)
    if not isinstance(content, dict):
        raise InputError(f"{path} is no COCO file: it holds no dictionary of images, annotations and categories")
    for kind in _NEEDED:
        if not isinstance(content.get(kind), list):
            hint = "; files without annotations, such as image_info, can't be used" if kind == "annotations" else ""
            raise InputError(f"{path} has no list {kind!r}, so it is no COCO file of objects{hint}; choose another one")
    sound, many = {}, {}
    for kind in _NEEDED:
        wrong = EntryIssues(path, kind, issues)
        whole = [entry for place, entry in enumerate(content[kind]) if _has_keys(place, entry, wrong)]
        sound[kind] = _unique(whole, "id", wrong)
        many[kind] = len(content[kind])
    sound["images"] = _unique(sound["images"], "file_name", EntryIssues(path, "images", issues))
    sound["categories"] = _unique(sound["categories"], "name", EntryIssues(path, "categories", issues))
    wrong = EntryIssues(path, "annotations", issues)
    for key, kind in (("image_id", "images"), ("category_id", "categories")):
        known = {entry["id"] for entry in sound[kind]}
        sound["annotations"] = [entry for entry in sound["annotations"] if _points_at(entry, key, kind, known, wrong)]
    for kind in ("images", "categories"):
        if not sound[kind]:
            usable = " that can be used" if many[kind] else ""
            raise InputError(f"{path} lists no {ONE_OF[kind]}{usable}; export the data again")
    return COCOFile(sound["images"], sound["annotations"], sorted(sound["categories"], key=lambda c: c["id"]))


class EntryIssues:
    """Where the issues of one kind of entries go."""

    def __init__(self, path, kind, issues):
        self.path, self.kind, self.issues = str(path), kind, issues

    def add(self, entry, sentence):
        """Add an issue of an entry, or of what its place in the list says."""
        if self.kind == "annotations" and not isinstance(entry, str):
            self.issues.append(AnnotationIssue(self.path, sentence, BOX_OUT, entry["id"]))
        else:
            name = entry if isinstance(entry, str) else shortened(repr(entry["id"]))
            sentence = f"{self.path}, {ONE_OF[self.kind]} {name}: {sentence}"
            self.issues.append(Issue(self.path, sentence, EFFECTS[self.kind]))


def _load(path):
    refuse_pipe(path)
    try:
        # Segmentations are nine tenths of COCO's files and of no use here; dropped while reading, they need no memory.
        return json.loads(path.read_bytes(), object_hook=_without_segmentation)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except json.JSONDecodeError as reason:
        where = f"line {reason.lineno}, column {reason.colno}"
        raise InputError(f"{path}, {where}: the JSON is broken ({reason.msg}); copy or export it again") from None
    except (ValueError, RecursionError) as reason:  # no UTF-8; numbers of thousands of digits; lists in lists in lists
        raise InputError(f"{path} cannot be read as JSON ({reason}); copy or export it again") from None


def _without_segmentation(entry):
    entry.pop("segmentation", None)
    return entry


def _has_keys(place, entry, wrong):
    """Return whether an entry has what its kind needs."""
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


def _unique(entries, key, wrong):
    """Return the entries without those that share the value of a key with one before."""
    first = {}
    for entry in entries:
        before = first.setdefault(entry[key], entry)
        if before is not entry and key == "id":
            wrong.add(entry, "the id is there twice")
        elif before is not entry:
            wrong.add(entry, f"it has the same {key} {shortened(repr(entry[key]))} as {before['id']!r}")
    return list(first.values())


def _points_at(entry, key, kind, known, wrong):
    if entry[key] in known:
        return True
    wrong.add(entry, f"there is no {ONE_OF[kind]} with the id {shortened(repr(entry[key]))}")
    return False
