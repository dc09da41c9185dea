"""The class names of a data set of LabelMe."""

from pathlib import Path

from numpyssd.datasets.class_names import is_background
from numpyssd.datasets.folders.text_files import read_lines
from numpyssd.datasets.issues import noting
from numpyssd.datasets.labelme.file import LabelMeFile, read_labelme
from numpyssd.datasets.labelme.folder import Files
from numpyssd.datasets.labelme.shapes import WITHOUT_BOX, kind_of
from numpyssd.errors import InputError

IGNORED = "__ignore__"  # LabelMe's own label for what is to be passed over


def find_names(files: Files, parsed: dict[Path, LabelMeFile]) -> list[str]:
    """Return the class names: those in labels.txt, then any others that a shape of any split has, sorted.

    parsed: the files that are read already. Raises InputError if there is none.
    """
    listed, found = _listed(files.base), set()
    for path in files.label_files(None):
        file = parsed.get(path)
        if file is None:
            with noting([], path, ""):  # of this split it is noted already, and of another when that is loaded
                file = read_labelme(path)
        for shape in file.shapes if file else ():
            if isinstance(shape.get("label"), str) and kind_of(shape) not in WITHOUT_BOX:
                found.add(shape["label"])
    names = [*listed, *sorted(found - set(listed))]
    names = [name for name in names if name and name != IGNORED and not is_background(name)]
    if not names:
        raise InputError(f"{files.base}: no shape there has a label and a box, so there is no class to learn; add some")
    return names


def _listed(base):
    """Return the names in labels.txt, the list that ``labelme --labels labels.txt`` is given, or none."""
    path = base / "labels.txt"
    lines = read_lines(path) if path.is_file() else []
    return list(dict.fromkeys(line for _, line in lines))
