"""Write boxes as one COCO file: images, annotations and categories, which point at one another by id."""

import json

import numpy as np


def annotations_json(images, class_names) -> str:
    """Return the JSON of a COCO file (https://cocodataset.org/#format-data, "Object Detection").

    images: (file name with slashes, (width, height), boxes (M, 4) xyxy in pixels, labels (M,) from 1 on, scores (M,))
    of each image; class_names: of the labels 1, 2, ..., which are the ids of the categories. An image without boxes is
    listed all the same. A box gets its score, as in COCO's files of results; who reads objects passes over it.
    """
    entries, annotations = [], []
    for number, (name, (width, height), boxes, labels, scores) in enumerate(images, start=1):
        entries.append({"id": number, "file_name": name, "width": int(width), "height": int(height)})
        for box, label, score in zip(np.asarray(boxes, np.float64).reshape(-1, 4), labels, scores):
            x1, y1, x2, y2 = (round(float(value), 2) for value in box)
            side = round(x2 - x1, 2), round(y2 - y1, 2)
            annotations.append(
                {"id": len(annotations) + 1, "image_id": number, "category_id": int(label), "bbox": [x1, y1, *side],
                 "area": round(side[0] * side[1], 2), "iscrowd": 0, "segmentation": [], "score": round(float(score), 4)}
            )  # fmt: skip
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(class_names, start=1)]
    return json.dumps({"images": entries, "annotations": annotations, "categories": categories}, indent=1) + "\n"
