"""Images and XML files that no split uses: forgotten, or not labeled yet."""

from pathlib import Path

from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.voc.files import SUFFIXES, Folders, files_by_plain_name, plain_name, stem_of
from numpyssd.errors import InputError


def unused_files(root: Path, loaded: dict[str, Dataset]) -> list[Issue]:
    """Return an Issue for each image and each XML file below a root that no split that could be loaded uses."""
    used = {dataset.image_path(i) for dataset in loaded.values() for i in range(len(dataset))}
    issues = [issue for dataset in loaded.values() for issue in dataset.issues]
    bad = {_plain_stem(Path(path).name) for issue in issues for path in (issue.file, issue.image) if path}
    voc = _voc_folders(root)
    places = {voc.images} if voc else {path.parent for path in used}
    stems = {_plain_stem(name) for name in (voc.xml_names if voc else ())}
    found = []
    every = [(place / name, name) for place in sorted(places) for name in _images(place, below=bool(voc))]
    for path, name in every:
        if path not in used and _plain_stem(path.name) not in bad and root in path.parents:
            alone = voc and _plain_stem(name) not in stems
            sentence = "an image without an XML file, and in no split" if alone else "an image in no split"
            found.append(Issue(str(path), sentence, "training never sees it", is_warning=True))
    if voc:
        images = {_plain_stem(name) for name in _images(voc.images, below=True)} | {_plain_stem(p.name) for p in used}
        for plain, name in sorted(voc.xml_names.items()):
            if stem_of(plain) not in images and _plain_stem(Path(name).name) not in bad:
                sentence = "an XML file without an image, and in no split"
                path = voc.annotations / name
                found.append(Issue(str(path), sentence, "training never sees it", is_warning=True))
    return found


def _voc_folders(root):
    """Return the Folders of a VOC data set, or None for another one."""
    try:
        folders = Folders(root)
    except InputError:
        return None
    return folders if folders.xml_names else None


def _plain_stem(name):
    """Return the name of an image or of its XML file without its ending, by which they find each other."""
    return stem_of(plain_name(name))


def _images(folder, below):
    """Return the names of the images in a folder, and in those below it if that is asked for, sorted.

    What macOS packs beside them, ._NAME and the folder __MACOSX, is none.
    """
    names = files_by_plain_name(folder).values() if below else [path.name for path in folder.iterdir()]
    return sorted(name for name in names if name.lower().endswith(SUFFIXES) and not _is_of_macos(name))


def _is_of_macos(name):
    return Path(name).name.startswith("._") or "__MACOSX" in Path(name).parts
