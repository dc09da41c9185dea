"""Read a file of annotations of the COCO kind: the JSON as it stands, its keys and its ids checked.

The file holds three lists that point at one another by id: images, annotations and categories.
"""

import json
from collections import namedtuple
from pathlib import Path

from numpyssd.errors import InputError

COCOFile = namedtuple("COCOFile", "images annotations categories")  # lists of dictionaries, as in the file

# Of each list: what its keys must hold. Ids of categories are whole numbers, because labels follow their order.
_NEEDED = {
    "categories": {"id": (int,), "name": (str,)},
    "images": {"id": (int, str), "file_name": (str,)},
    "annotations": {"id": (int, str), "image_id": (int, str), "category_id": (int,), "bbox": (list,)},
}
_WORDS = {int: "a whole number", str: "a text", list: "a list"}
ONE_OF = {"categories": "category", "images": "image", "annotations": "annotation"}


class Defects:
    """The defects of a file that make it useless: the first sentence, and how many there are."""

    def __init__(self):
        self.first, self.count = None, 0

    def add(self, sentence):
        """Take in one more."""
        self.first, self.count = self.first or sentence, self.count + 1

    def stop(self):
        """Raise InputError if there are any."""
        if self.count:
            more = f" (the first of {self.count} such problems)" if self.count > 1 else ""
            raise InputError(f"{self.first}{more}")


def read_coco(path):
    """Return the COCOFile at path, the categories sorted by id.

    Raises InputError for a file that is missing or no JSON, that lacks one of the lists or one of the keys needed here,
    where two entries share an id, two images a file name or two categories a name, and where an annotation points at an
    image or a category that is not there. The message names the entry and counts the others.
    """
    path = Path(path)
    content = _load(path)
    defects = Defects()
    if not isinstance(content, dict):
        raise InputError(f"{path} is no COCO file: it holds no dictionary of images, annotations and categories")
    for kind in _NEEDED:
        if not isinstance(content.get(kind), list):
            hint = "; files without annotations, such as image_info, can't be used" if kind == "annotations" else ""
            raise InputError(f"{path} has no list {kind!r}, so it is no COCO file of objects{hint}; choose another one")
        for place, entry in enumerate(content[kind]):
            _check_keys(f"{path}, {ONE_OF[kind]}", kind, place, entry, defects)
        defects.stop()
        _check_unique(path, kind, content[kind], "id", defects)
    _check_unique(path, "images", content["images"], "file_name", defects)
    _check_unique(path, "categories", content["categories"], "name", defects)
    defects.stop()
    for key, kind in (("image_id", "images"), ("category_id", "categories")):
        known = {entry["id"] for entry in content[kind]}
        for entry in content["annotations"]:
            if entry[key] not in known:
                where = f"{path}, annotation {entry['id']}"
                defects.add(f"{where}: there is no {ONE_OF[kind]} with the id {entry[key]!r}; add it or remove this")
    defects.stop()
    if not content["images"] or not content["categories"]:
        raise InputError(f"{path} lists no {'category' if content['images'] else 'image'}; export the data again")
    return COCOFile(content["images"], content["annotations"], sorted(content["categories"], key=lambda c: c["id"]))


def _load(path):
    try:
        # Outlines are nine tenths of COCO's files and of no use here; dropped while reading, they need no memory.
        return json.loads(path.read_bytes(), object_hook=_without_outline)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except json.JSONDecodeError as reason:
        where = f"line {reason.lineno}, column {reason.colno}"
        raise InputError(f"{path}, {where}: the JSON is broken ({reason.msg}); copy or export it again") from None
    except (ValueError, RecursionError) as reason:  # no UTF-8; numbers of thousands of digits; lists in lists in lists
        raise InputError(f"{path} cannot be read as JSON ({reason}); copy or export it again") from None


def _without_outline(entry):
    entry.pop("segmentation", None)
    return entry


def _check_keys(where, kind, place, entry, defects):
    if not isinstance(entry, dict):
        return defects.add(f"{where} number {place} (counted from 0) is no dictionary; export the data again")
    name = repr(entry["id"]) if _is(entry.get("id"), (int, str)) else f"number {place} (counted from 0)"
    for key, types in _NEEDED[kind].items():
        if key not in entry:
            return defects.add(f"{where} {name} has no key {key!r}; export the data again")
        if not _is(entry[key], types) or entry[key] == "":
            words = " or ".join(_WORDS[t] for t in types)
            return defects.add(f"{where} {name}: {key!r} must be {words}, not {entry[key]!r}; mend it")
    return None


def _is(value, types):
    return isinstance(value, types) and not isinstance(value, bool)


def _check_unique(path, kind, entries, key, defects):
    seen = {}
    for entry in entries:
        value = entry[key]
        if value in seen:
            both = f"{ONE_OF[kind]} {entry['id']!r}" + ("" if key == "id" else f" and {seen[value]!r}")
            what = "is there twice; give each an id" if key == "id" else f"have the same {key} {value!r}; give each one"
            defects.add(f"{path}, {both} {what} of its own")
        seen[value] = entry["id"]
