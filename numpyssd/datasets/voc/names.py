"""The class names of VOC's XML files, whatever split they are of, so that every split numbers its classes alike."""

from numpyssd.datasets.class_names import is_background
from numpyssd.datasets.issues import Issue, noting
from numpyssd.datasets.voc.annotation import XMLAnnotation, read_annotation


def names_of_objects(folders, parsed: dict[str, XMLAnnotation], issues: list[Issue]) -> set[str]:
    """Return the names that an object of any XML file has, without the background's.

    folders: the Folders or the FoldersBeside; parsed: the annotations that are read already, by their stems; issues: of
    the files that could not be read, to which those of other splits are added.
    """
    names, broken = set(), {issue.file for issue in issues}
    for name in sorted(folders.xml_names.values()):
        path = folders.annotations / name
        if str(path) not in broken:
            with noting(issues, path, "left out of the class names", is_warning=True):
                annotation = parsed.get(folders.stem(name)) or read_annotation(path)
                names.update(item.name for item in annotation.objects if item.name and not is_background(item.name))
    return names
