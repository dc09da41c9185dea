"""What Label Studio exports, as label_studio_sdk/converter of the package label-studio-sdk writes it: no splits.

https://labelstud.io/guide/export has the list; convert_to_coco, convert_to_voc and convert_to_yolo are the code.
"""

from exports.pictures import NAMES, PICTURES, STEMS, coco, save_picture, voc_xml, write, yolo_rows

TAIL = "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>"


def name_of(i, ending):
    """Return the name of a file of picture i: an upload has eight letters of a hash in front."""
    return f"{i:08x}-{STEMS[i]}.{ending}"


def _images(root):
    for i in range(len(STEMS)):
        save_picture(root / "images" / name_of(i, "jpg"), i)


def yolo(root):
    """Write "YOLO with Images"; an image without objects has an empty label file."""
    _images(root)
    for i in range(len(STEMS)):
        write(root / "labels" / name_of(i, "txt"), yolo_rows(i))
    write(root / "classes.txt", "".join(f"{name}\n" for name in NAMES))
    categories = [{"id": k, "name": name} for k, name in enumerate(NAMES)]
    info = {"year": 2026, "version": "1.0", "contributor": "Label Studio"}
    write(root / "notes.json", {"categories": categories, "info": info})


def coco_json(root, separator="/"):
    """Write "COCO". separator: on Windows the file names have a backslash."""
    _images(root)
    categories = [{"id": k, "name": name} for k, name in enumerate(NAMES)]
    content = coco({i: f"images{separator}{name_of(i, 'jpg')}" for i in range(len(STEMS))}, categories)
    write(root / "result.json", {**content, "info": {"contributor": "Label Studio"}})


def voc(root):
    """Write "Pascal VOC XML": Annotations and images; an image without objects has no XML file."""
    _images(root)
    for i, objects in enumerate(PICTURES):
        if objects:
            head = "<folder>images</folder><source><database>MyDatabase</database></source>"
            write(root / "Annotations" / name_of(i, "xml"), voc_xml(i, name_of(i, "jpg"), head, TAIL, first=0))
