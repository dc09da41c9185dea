"""What CVAT exports with "Save images". A task without subsets has one, which is called default, or train in YOLO.

https://docs.cvat.ai/docs/dataset_management/formats/ has a page for each: format-yolo, format-yolo-ultralytics,
format-coco and format-voc.
"""

from exports.pictures import NAMES, PICTURES, STEMS, coco, save_picture, voc_xml, write, yolo_rows

TAIL = "<truncated>0</truncated><difficult>0</difficult><occluded>0</occluded>"


def yolo(root, folder="obj_train_data", paths="data/obj_train_data"):
    """Write "YOLO 1.1". Its paths begin with data, the folder that Darknet would have it in."""
    for i, stem in enumerate(STEMS):
        save_picture(root / folder / f"{stem}.jpg", i)
        write(root / folder / f"{stem}.txt", yolo_rows(i))
    write(root / "train.txt", "".join(f"{paths}/{stem}.jpg\n" for stem in STEMS))
    write(root / "obj.names", "".join(f"{name}\n" for name in NAMES))
    data = f"classes = {len(NAMES)}\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n"
    write(root / "obj.data", data)


def ultralytics_yolo(root):
    """Write "Ultralytics YOLO Detection"; of an image without objects it writes no label file."""
    for i, stem in enumerate(STEMS):
        save_picture(root / "images/train" / f"{stem}.jpg", i)
        if PICTURES[i]:
            write(root / "labels/train" / f"{stem}.txt", yolo_rows(i))
    write(root / "train.txt", "".join(f"data/images/train/{stem}.jpg\n" for stem in STEMS))
    names = "".join(f"  {k}: {name}\n" for k, name in enumerate(NAMES))
    write(root / "data.yaml", f"names:\n{names}path: .\ntrain: train.txt\n")


def coco_json(root):
    """Write "COCO 1.0"."""
    for i, stem in enumerate(STEMS):
        save_picture(root / "images/default" / f"{stem}.jpg", i)
    categories = [{"id": k, "name": name, "supercategory": ""} for k, name in enumerate(NAMES, start=1)]
    content = coco({i: f"{stem}.jpg" for i, stem in enumerate(STEMS)}, categories)
    write(root / "annotations/instances_default.json", {"licenses": [], "info": {}, **content})


def voc(root):
    """Write "PASCAL VOC 1.1"; of an image without objects it writes no XML file, and lists it all the same."""
    for i, stem in enumerate(STEMS):
        save_picture(root / "JPEGImages" / f"{stem}.jpg", i)
        if PICTURES[i]:
            head = "<folder></folder><source><database>Unknown</database></source>"
            xml = voc_xml(i, f"{stem}.jpg", head, TAIL, first=0, decimals=".0")
            write(root / "Annotations" / f"{stem}.xml", xml)
    write(root / "ImageSets/Main/default.txt", "".join(f"{stem}\n" for stem in STEMS))
    names = "".join(f"{name}:::\n" for name in ("background", *NAMES))
    write(root / "labelmap.txt", f"# label:color_rgb:parts:actions\n{names}")
