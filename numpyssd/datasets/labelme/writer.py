"""Write boxes as LabelMe's JSON: one file for each image, which lies beside it or names the way to it."""

import json

import numpy as np

VERSION = "5.5.0"  # of LabelMe, whose files have these keys; it warns of files that name none


def annotation_json(image_path: str, size, boxes, names, scores=None) -> str:
    """Return the JSON of one image as LabelMe reads it (labelme/_label_file.py of https://github.com/wkentaro/labelme).

    - image_path: the way to the image from the folder of the JSON, with slashes;
    - size: (width, height) of the image as a viewer shows it, which is how LabelMe turns it, too;
    - boxes (M, 4): xyxy in its pixels; names: M class names; scores (M,): written as the descriptions of the shapes.
    """
    shapes = []
    for i, (box, name) in enumerate(zip(np.asarray(boxes, np.float64).reshape(-1, 4), names)):
        x1, y1, x2, y2 = (round(float(value), 2) for value in box)
        description = "" if scores is None else f"score {scores[i]:.2f}"
        shapes.append(
            {"label": name, "points": [[x1, y1], [x2, y2]], "group_id": None, "description": description,
             "shape_type": "rectangle", "flags": {}}
        )  # fmt: skip
    content = {
        "version": VERSION, "flags": {}, "shapes": shapes, "imagePath": image_path, "imageData": None,
        "imageHeight": int(size[1]), "imageWidth": int(size[0]),
    }  # fmt: skip
    return json.dumps(content, indent=2) + "\n"
