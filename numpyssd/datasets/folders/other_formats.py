"""The sentence for a folder in no layout that is known: what it looks like, and which export of that tool works."""

import re
from itertools import islice
from pathlib import Path

from numpyssd.datasets.folders.split_folders import LABEL_FOLDERS, SUFFIXES, files_below
from numpyssd.datasets.folders.text_files import first_text

_MAX_FILES = 20_000  # looked at
_HEAD = 4000  # bytes of a file
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
_KNOWN = (
    "known are Pascal VOC (Annotations and JPEGImages), COCO (annotations/*.json), YOLO (data.yaml), and the files of "
    "LabelImg or LabelMe beside the images; data/README.md shows them"
)


def sentence_for(root: Path) -> str:
    """Return what a folder is that no layout recognizes, and what to do, as one sentence that begins with its name."""
    if root.is_file():
        return f"{root} is a file; name the folder that holds the images and their labels, such as {root.parent}"
    if not root.is_dir():
        return f"{root} is not a folder; name the one that holds the images and their labels"
    files = list(islice(files_below(root, ("",)), _MAX_FILES))
    images = [path for path in files if path.name.lower().endswith(SUFFIXES)]
    others = [path for path in files if not path.name.lower().endswith((*SUFFIXES, ".md"))]
    heads = {path: first_text(path, _HEAD).lstrip() for path in _samples(others)}
    found = _by_content(heads) or _by_names(files, heads) or _by_images(root, images, files, heads)
    return f"{root} {found}" if found else f"{root} is in no layout that is known; {_KNOWN}"


def _by_content(heads):
    """Return what the first bytes of its files say."""
    for path, head in heads.items():
        name, is_list = path.name, head.startswith("[")
        if path.suffix.lower() == ".xml" and "<annotations" in head:
            save = "PASCAL VOC 1.1 or Ultralytics YOLO Detection, with Save images"
            return f"is in CVAT's own format ({name}), which is not read; export it as COCO 1.0, {save}"
        if '"regions"' in head and ('"asset"' in head or name.endswith("-asset.json")):
            return (
                f"is in VoTT's own format ({name}), which is not read; choose Pascal VOC in Export Settings and export"
            )
        if '"_via_' in head or '"regions"' in head and '"file_attributes"' in head:
            export = "choose Annotation, Export Annotations (COCO format)"
            return f"is in the format of the VGG Image Annotator ({name}), which is not read; {export} there"
        if is_list and ('"result"' in head or '"annotation_id"' in head or '"completions"' in head):
            export = "export YOLO with Images, COCO or Pascal VOC XML there"
            return f"is in Label Studio's own format ({name}), which is not read; {export}"
        if is_list and '"coordinates"' in head and '"image' in head:
            export = "export COCO in Roboflow, or choose PascalVOC in LabelImg"
            return f"is in the format of CreateML ({name}), which is not read; {export}"
    return None


def _by_names(files, heads):
    """Return what the names of its files and folders say."""
    names = {path.name.lower() for path in files}
    endings = {path.suffix.lower(): path for path in reversed(files)}
    folders = {path.parent.name.lower() for path in files}
    if endings.keys() & {".tfrecord", ".tfrecords", ".record"}:
        return "holds TFRecords, which are not read; export the data again as COCO, Pascal VOC or YOLO"
    if "meta.json" in names and "ann" in folders:
        apps = "Export to COCO, Export to Pascal VOC or Convert Supervisely to YOLO"
        return f"is a project of Supervisely, which is not read; run one of its apps {apps}"
    if ".vott" in endings:
        return f"holds a project of VoTT ({endings['.vott'].name}); choose Pascal VOC in Export Settings and export"
    if "_annotations.txt" in names and "_classes.txt" in names:
        return "is Roboflow's export for YOLOv4 PyTorch, which is not read; export YOLOv8, COCO or Pascal VOC there"
    if folders & {"segmentationclass", "segmentationobject", "masks"} and not endings.keys() & {".xml", ".json"}:
        return "holds masks and no boxes; export the data again as COCO, or as Pascal VOC with boxes"
    for ending, what in (
        (".csv", "a table"),
        (".ndjson", "NDJSON"),
        (".mat", "a file of Matlab"),
        (".pbtxt", "a label map without boxes"),
    ):
        if ending in endings and not endings.keys() & {".xml", ".json", ".txt"}:
            export = "export the data again as COCO, Pascal VOC or YOLO (in Roboflow: COCO; in VoTT: Pascal VOC)"
            return f"has its labels in {what} ({endings[ending].name}), which is not read; {export}"
    texts = [path for path, head in heads.items() if path.suffix.lower() == ".txt" and _is_row_of_words(head)]
    if texts and not endings.keys() & {".xml", ".json"}:
        rows = "whose rows do not begin with a class number, as YOLO's do (KITTI, DOTA)"
        return f"has label files ({texts[0].name}) {rows}; convert them to YOLO or COCO"
    return None


def _by_images(root, images, files, heads):
    """Return what its images say, or that there are none."""
    archive = next((path for path in files if path.name.lower().endswith(_ARCHIVES)), None)
    if archive and not images:
        return f"holds no image but {archive.name}; unpack that and name the folder that comes out of it"
    if not images:
        return f"holds no image; {_KNOWN}"
    if any((root.parent / name).is_dir() for name in LABEL_FOLDERS):
        return f"holds images without labels; name the folder above, {root.parent}, which holds their labels too"
    if heads:
        return None
    tools = "draw boxes in LabelImg, LabelMe, CVAT or Label Studio and keep what it saves beside the images"
    folders = {path.parent for path in images}
    if len(folders) > 1 and root not in folders:
        kept = ", ".join(sorted(path.name for path in folders)[:3])
        return f"holds images in {len(folders)} folders ({kept}) and no label file; a detector needs boxes: {tools}"
    return f"holds {len(images)} images and no label file; {tools}"


def _samples(others):
    """Return a few files of each ending that may hold labels."""
    endings = (".json", ".xml", ".txt", ".csv", ".ndjson", ".mat", ".yaml", ".yml", ".pbtxt")
    readme = re.compile("readme|license", re.IGNORECASE)
    wanted = [path for path in others if path.suffix.lower() in endings and not readme.match(path.name)]
    return [path for ending in endings for path in [p for p in wanted if p.suffix.lower() == ending][:3]]


def _is_row_of_words(head):
    words = head.split("\n")[0].split()
    return len(words) >= 9 and sum(bool(re.fullmatch(r"-?[0-9.]+", word)) for word in words) >= 7
