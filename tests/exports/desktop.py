"""What the programs LabelImg, LabelMe and VoTT save: the first two beside the images, and without splits."""

from exports.pictures import HEIGHT, NAMES, PICTURES, STEMS, WIDTH, save_picture, voc_xml, write, yolo_rows

TAIL = "<pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>"


def labelimg_voc(root):
    """Write what LabelImg saves as PascalVOC: libs/pascal_voc_io.py of https://github.com/HumanSignal/labelImg."""
    for i, stem in enumerate(STEMS):
        save_picture(root / f"{stem}.jpg", i)
        head = f"<folder>photos</folder><path>C:\\Users\\me\\photos\\{stem}.jpg</path>"
        write(
            root / f"{stem}.xml",
            voc_xml(i, f"{stem}.jpg", head + "<source><database>Unknown</database></source>", TAIL),
        )


def labelimg_yolo(root):
    """Write what LabelImg saves as YOLO: libs/yolo_io.py there; classes.txt lies among the label files."""
    for i, stem in enumerate(STEMS):
        save_picture(root / f"{stem}.jpg", i)
        write(root / f"{stem}.txt", yolo_rows(i))
    write(root / "classes.txt", "".join(f"{name}\n" for name in NAMES))


def labelme(root):
    """Write what LabelMe saves: labelme/_label_file.py of https://github.com/wkentaro/labelme.

    A rectangle is any two opposite corners. An image that nobody labeled has no JSON file.
    """
    for i, stem in enumerate(STEMS):
        save_picture(root / f"{stem}.jpg", i)
        shapes = []
        for name, (x1, y1, x2, y2) in PICTURES[i]:
            points = [[x2, y1], [x1, y2]] if i % 2 else [[x1, y1], [x2, y2]]
            shape = {"label": name, "points": points, "group_id": None, "description": "", "shape_type": "rectangle"}
            shapes.append({**shape, "flags": {}, "mask": None})
        content = {"version": "6.3.1", "flags": {}, "shapes": shapes, "imagePath": f"{stem}.jpg", "imageData": None}
        if shapes:
            write(root / f"{stem}.json", {**content, "imageHeight": HEIGHT, "imageWidth": WIDTH})


def vott(root):
    """Write VoTT's "Pascal VOC": src/providers/export/pascalVOC.ts of https://github.com/microsoft/VoTT.

    A list for each tag and part, all with every image and its ending; the first fifth is val. Corners have decimals.
    """
    root = root / "hardware-PascalVOC-export"
    for i, stem in enumerate(STEMS):
        save_picture(root / "JPEGImages" / f"{stem}.jpg", i)
        head = f"<folder>Annotation</folder><path>hardware-PascalVOC-export/Annotations/{stem}.jpg</path>"
        xml = voc_xml(i, f"{stem}.jpg", head, TAIL, first=0, decimals=".25")
        write(root / "Annotations" / f"{stem}.xml", xml.replace("<annotation>", '<annotation verified="yes">'))
    count = -(-len(STEMS) // 5)
    for tag in NAMES:
        has = [any(name == tag for name, _ in objects) for objects in PICTURES]
        lines = [f"{stem}.jpg {1 if there else -1}" for stem, there in zip(STEMS, has)]
        for part, its_lines in (("val", lines[:count]), ("train", lines[count:])):
            write(root / f"ImageSets/Main/{tag}_{part}.txt", "\n".join(its_lines))
    items = [f"item {{\n id: {k}\n name: '{name}'\n}}\n" for k, name in enumerate(NAMES, start=1)]
    write(root / "pascal_label_map.pbtxt", "".join(items))
