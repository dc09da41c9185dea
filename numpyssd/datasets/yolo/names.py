"""What says how the classes of a YOLO data set are called: data.yaml, Darknet's obj.data, or a list of names.

data.yaml is read by PyYAML. Its every value is taken as the text that it is: YAML calls the class "no" False and 1.0 a
number.
"""

import re
from pathlib import Path

from numpyssd.datasets.folders.split_folders import some_files
from numpyssd.datasets.folders.text_files import decoded, read_lines, read_text
from numpyssd.datasets.issues import Issue, shortened
from numpyssd.errors import InputError

# Lists of names, one a line: of LabelImg and Label Studio, CVAT and Darknet, Roboflow's Darknet export.
NAME_LISTS = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "labels.txt", "names.txt")
USUAL_YAML = ("data", "dataset")  # names of the file; another one must also say where the images are
_SPLIT_KEY = re.compile(r"(?m)^(path|train|val|test|nc)\s*:")
MAX_YAML = 1_000_000  # bytes; one with a thousand classes has 30,000
MAX_BRACKETS = 1000  # opened in it; an honest one has a few
REMEDY = "write a file classes.txt there with one name a line, the class 0 first"


def read_yaml(path: Path) -> dict:
    """Return the dictionary in a YAML file, with every number and word of it as a text. Raises InputError."""
    import yaml  # here, so that who has no YAML file needs no package for it

    text = read_text(path, MAX_YAML)
    try:
        if text.count("[") + text.count("{") > MAX_BRACKETS:
            raise ValueError("PyYAML's time grows with the square of their number")
        content = yaml.load(text, yaml.BaseLoader)  # makes texts, lists and dictionaries, and no other object
    except yaml.YAMLError as reason:
        mark = getattr(reason, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        what = " ".join(str(getattr(reason, "problem", None) or reason).split())[:100]
        fix = "write paths with / or without quotes" if "escape" in what else "fix or export it again"
        raise InputError(f"{path}{where}: the YAML is broken ({what}); {fix}") from None
    except (RecursionError, ValueError):
        raise InputError(f"{path} is no usual YAML file; export it again") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no keys such as names and train; export it again")
    return content


def read_data_file(path: Path) -> dict[str, str]:
    """Return the keys and values of Darknet's obj.data, ``train = data/train.txt`` a line."""
    pairs = (line.partition("=") for _, line in read_lines(path) if not line.startswith(("#", ";")))
    return {key.strip(): value.strip() for key, _, value in pairs}


def read_name_list(path: Path) -> dict[int, str]:
    """Return the names in a list, by the number of each class; blank lines at its end are none."""
    lines = dict(read_lines(path))
    if not lines:
        raise InputError(f"{path} names no class; write one name a line, the class 0 first")
    return {number - 1: name for number, name in lines.items()}


def names_of(value, path: Path) -> dict[int, str]:
    """Return the names in a YAML value by the number of each class: a list, or a dictionary from number to name."""
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    pairs = list(items)
    if not pairs or not all(isinstance(name, str) and name.strip() for _, name in pairs):
        raise InputError(f"{path}: 'names' must be a list of names, such as [bolt, nut], or have number: name lines")
    wrong = [number for number, _ in pairs if not re.fullmatch(r"[0-9]{1,6}", str(number))]
    if wrong:
        raise InputError(f"{path}: 'names' has {shortened(str(wrong[0]))!r} in place of a class number; write 0: NAME")
    return {int(number): name.strip() for number, name in sorted(pairs, key=lambda pair: int(pair[0]))}


def count_warning(path: Path, key: str, written, names: dict[int, str]) -> list[Issue]:
    """Return a warning if a file says another number of classes than it names."""
    if not isinstance(written, str) or not re.fullmatch(r"[0-9]+", written) or int(written) == len(names):
        return []
    sentence = f"{key} says {int(written)} classes, and {len(names)} are named"
    return [Issue(str(path), sentence, "the names count", is_warning=True)]


def yaml_files(base: Path) -> list[Path]:
    """Return the YAML files in a folder that name classes; only data.yaml or dataset.yaml if there is one."""
    found = []
    for path in sorted(some_files(base, (".yaml", ".yml"), 100)):
        text = decoded(path.read_bytes()[:MAX_YAML], "replace")
        is_usual = path.stem.lower() in USUAL_YAML
        if re.search(r"(?m)^[\"']?names[\"']?\s*:", text) and (is_usual or _SPLIT_KEY.search(text)):
            found.append(path)
    usual = [path for path in found if path.stem.lower() in USUAL_YAML]
    return usual[:1] or found


def data_files(base: Path) -> list[Path]:
    """Return Darknet's *.data in a folder or its folder data."""
    files = [path for folder in (base, base / "data") for path in sorted(folder.glob("*.data")) if path.is_file()]
    return [path for path in files if re.search(r"(?m)^\s*names\s*=", decoded(path.read_bytes()[:100_000], "replace"))]


def name_lists(folders: list[Path]) -> list[Path]:
    """Return the lists of names in some folders, those of the first folder first."""
    found = [folder / name for folder in folders for name in NAME_LISTS if (folder / name).is_file()]
    return found or [path for folder in folders for path in sorted(folder.glob("*.names"))]
