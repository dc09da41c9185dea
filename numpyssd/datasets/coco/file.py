"""Read a file of annotations of the COCO kind: the JSON as it stands, its keys and its ids checked.

The file holds three lists that point at one another by id: images, annotations and categories.
"""

from collections import namedtuple
from pathlib import Path

from numpyssd.datasets.coco.entries import KINDS, EntryNotes, has_keys, number_if_without_ids, tidied
from numpyssd.datasets.coco.root_category import root_category
from numpyssd.datasets.issues import BOX_OUT, IMAGE_OUT, AnnotationIssue, BadData, Issue, shortened
from numpyssd.errors import InputError, refuse_pipe
from numpyssd.json_files import parsed

# Lists of dictionaries, as in the file, and of the categories that which is only the root of an export, or None.
COCOFile = namedtuple("COCOFile", "images annotations categories root")

ONE_OF = {"categories": "category", "images": "image", "annotations": "annotation"}
EFFECTS = {"categories": "its annotations are left out", "images": IMAGE_OUT, "annotations": BOX_OUT}


def read_coco(path: Path | str, issues: list[Issue]) -> COCOFile:
    """Return the COCOFile at path, the categories sorted by id, without the entries that are of no use.

    Those are added to issues: entries that lack one of the keys needed here (see entries.py), that share an id with one
    before, images with the same file name, and annotations that point at an image or a category that is not there.
    Categories with the same name are one, and have the smallest of their ids. Raises InputError for a file that is
    missing or no JSON, or without one of the lists, and BadData if nothing in one of the lists can be used.
    """
    path = Path(path)
    content = _load(path)
    if not isinstance(content, dict):
        hint = " but a list, as files of detections do" if isinstance(content, list) else ""
        raise InputError(f"{path} is no COCO file: it holds no dictionary of images, annotations and categories{hint}")
    for kind in KINDS:
        if not isinstance(content.get(kind), list):
            hint = "; files without annotations, such as image_info, can't be used" if kind == "annotations" else ""
            raise InputError(f"{path} has no list {kind!r}, so it is no COCO file of objects{hint}; choose another one")
    sound, notes = {}, EntryNotes(path)
    for kind in KINDS:
        before, wrong = len(issues), EntryIssues(path, kind, issues)
        number_if_without_ids(kind, content[kind], notes)
        entries = [tidied(kind, entry, notes) for entry in content[kind]]
        whole = [entry for place, entry in enumerate(entries) if has_keys(place, entry, wrong)]
        sound[kind] = _unique(whole, "id", wrong)
        if kind == "images":
            sound[kind] = _unique(sound[kind], "file_name", wrong)
        if kind != "annotations" and not sound[kind]:
            if content[kind]:
                raise BadData(issues[before:], f"{path}: none of its {kind}")
            raise InputError(f"{path} lists no {ONE_OF[kind]}; export the data again")
    root = root_category(sound["categories"], sound["annotations"])
    sound["categories"], same = _merged(sound["categories"], notes)
    wrong = EntryIssues(path, "annotations", issues)
    for annotation in sound["annotations"]:
        annotation["category_id"] = same.get(annotation["category_id"], annotation["category_id"])
    for key, kind in (("image_id", "images"), ("category_id", "categories")):
        known = {entry["id"] for entry in sound[kind]}
        sound["annotations"] = [entry for entry in sound["annotations"] if _points_at(entry, key, kind, known, wrong)]
    issues += notes.issues()
    return COCOFile(sound["images"], sound["annotations"], sound["categories"], root)


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
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name") from None
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except ValueError as reason:  # a name with a NUL in it
        raise InputError(f"{str(path)!r} cannot be read ({reason}); check the name") from None
    # Outlines are nine tenths of COCO's files and of no use beside a box; dropped at once, they need no memory.
    return parsed(content, path, "copy or export it again", _without_outline)


def _without_outline(entry):
    if entry.get("bbox"):
        entry.pop("segmentation", None)
    return entry


def _merged(categories, notes):
    """Return the categories sorted by id, those with the same name as one, and the id that each other id became."""
    first, same = {}, {}
    for category in sorted(categories, key=lambda category: category["id"]):
        kept = first.setdefault(category["name"], category)
        if kept is not category:
            same[category["id"]] = kept["id"]
            sentence = f"it has the same name {shortened(repr(kept['name']))} as {kept['id']}"
            notes.add(f"category {category['id']}: {sentence}", "they are taken for one class")
    return list(first.values()), same


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
