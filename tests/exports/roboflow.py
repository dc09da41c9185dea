"""What Roboflow exports. It splits the images itself, into train, valid and test.

https://openvinotoolkit.github.io/datumaro/latest/docs/data-formats/formats/roboflow.html describes the three layouts.
The paths in data.yaml begin with ../ and lead out of the folder, as in any public repository that keeps such an export.
"""

from hashlib import md5

from exports.pictures import NAMES, STEMS, coco, save_picture, voc_xml, write, yolo_rows

SPLITS = {"train": (0, 1, 2, 3), "valid": (4,), "test": (5,)}
# The first category, the root of the others, is made of the project's name, and no object has it.
CATEGORIES = [
    {"id": 0, "name": "hardware", "supercategory": "none"},
    *({"id": k, "name": name, "supercategory": "hardware"} for k, name in enumerate(sorted(NAMES), start=1)),
]
TAIL = "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><occluded>0</occluded>"


def name_of(i, ending):
    """Return the name of a file of picture i: with its old ending, and a hash."""
    return f"{STEMS[i]}_jpg.rf.{md5(STEMS[i].encode()).hexdigest()}.{ending}"


def yolo(root):
    """Write "YOLOv8"."""
    for split, numbers in SPLITS.items():
        for i in numbers:
            save_picture(root / split / "images" / name_of(i, "jpg"), i)
            write(root / split / "labels" / name_of(i, "txt"), yolo_rows(i))
    names = ", ".join(f"'{name}'" for name in NAMES)
    write(
        root / "data.yaml",
        "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\n"
        f"nc: {len(NAMES)}\nnames: [{names}]\n\n"
        "roboflow:\n  workspace: somebody\n  project: hardware\n  version: 1\n  license: CC BY 4.0\n",
    )
    _pages(root)


def coco_json(root):
    """Write "COCO"."""
    for split, numbers in SPLITS.items():
        for i in numbers:
            save_picture(root / split / name_of(i, "jpg"), i)
        content = coco({i: name_of(i, "jpg") for i in numbers}, CATEGORIES, lambda i: {"extra": {"name": STEMS[i]}})
        write(root / split / "_annotations.coco.json", content)
    _pages(root)


def voc(root):
    """Write "Pascal VOC": the XML file beside its image, also of an image without objects."""
    for split, numbers in SPLITS.items():
        for i in numbers:
            name = name_of(i, "jpg")
            save_picture(root / split / name, i)
            head = "<folder></folder>"
            tail = f"<path>{name}</path><source><database>roboflow.com</database></source>"
            write(root / split / name_of(i, "xml"), voc_xml(i, name, head + tail, TAIL))
    _pages(root)


def _pages(root):
    for name in ("README.dataset.txt", "README.roboflow.txt"):
        write(root / name, "hardware > 2026\n\nProvided by a Roboflow user\n")
