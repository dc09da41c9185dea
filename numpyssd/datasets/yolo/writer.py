"""Write boxes as YOLO's text files: a row for each box, and classes.txt, which names the classes."""

import numpy as np

DECIMALS = 6  # of a fraction: a hundredth of a pixel in an image of ten thousand


def label_text(size, boxes, numbers) -> str:
    """Return the content of the label file of one image: ``class center_x center_y width height`` a row.

    size: (width, height) of the image as a viewer shows it; boxes (M, 4): xyxy in its pixels; numbers (M,): of the
    classes, from 0. The values are fractions of the image (https://docs.ultralytics.com/datasets/detect). Without boxes
    the file is empty, which says that the image has no object.
    """
    rows = []
    for box, number in zip(np.asarray(boxes, np.float64).reshape(-1, 2, 2) / size, numbers):
        values = *box.mean(axis=0), *(box[1] - box[0])
        rows.append(f"{number} " + " ".join(f"{value:.{DECIMALS}f}" for value in values))
    return "".join(f"{row}\n" for row in rows)


def class_list(names) -> str:
    """Return the content of classes.txt, a name a line; LabelImg looks for it beside the label files."""
    return "".join(f"{one_line(name)}\n" for name in names)


def one_line(name: str) -> str:
    """Return a class name as a list of names can hold it: on one line, without spaces at its ends."""
    return " ".join(name.split())
