"""The annotations of a COCO file, as an Annotation for each image, and what is wrong with any of them."""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.box_checks import COCO, FRACTIONS, are_fractions, cut_to_image, hint
from numpyssd.datasets.class_names import unknown_class
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.issues import BOX_CUT, BOX_OUT, OBJECT_OUT, AnnotationIssue, Issue, shortened
from numpyssd.json_files import is_number


class CheckedBoxes:
    """The annotations of a file with these categories, for these class names; what is wrong goes into ``issues``."""

    def __init__(self, file: Path, categories: list[dict], class_names: tuple[str, ...], issues: list[Issue]):
        self.file, self.class_names, self.issues = str(file), class_names, issues
        self.names = {category["id"]: category["name"] for category in categories}
        self.labels = {name: label for label, name in enumerate(class_names, start=1)}

    def by_image(self, annotations: Iterable[dict], sizes: dict, crowds: bool) -> list[Annotation]:
        """Return the Annotation of each image in ``sizes``, which holds (width, height) by the id of the image.

        crowds: whether boxes that stand for a crowd are wanted; they are difficult as well.
        """
        rows = {image_id: [] for image_id in sizes}  # box, label, crowd and area of each object
        for annotation in annotations:
            image_id, crowd = annotation["image_id"], annotation.get("iscrowd")
            crowd = 0 if crowd is None else crowd
            if image_id not in rows or crowd == 1 and not crowds:  # its image was left out, or it is not wanted
                continue
            row = self._row(annotation, crowd, *sizes[image_id])
            if row:
                rows[image_id].append(row)
        return [_annotation(its_rows) for its_rows in rows.values()]

    def _row(self, annotation, crowd, width, height):
        """Return box, label, crowd and area of an annotation, or None if it is useless."""
        name, box, written, effect = self.names[annotation["category_id"]], None, None, OBJECT_OUT
        if crowd not in (0, 1):
            sentence = f"'iscrowd' must be 0 or 1, not {shortened(repr(crowd))}"
        elif name not in self.labels:
            sentence = unknown_class(name, self.class_names)
        else:
            written = tuple(annotation["bbox"])
            box, sentence = check_box(annotation["bbox"], width, height)
            effect = BOX_CUT if box else BOX_OUT
        if sentence:
            self.issues.append(AnnotationIssue(self.file, sentence, effect, annotation["id"], written))
        return (box, self.labels[name], crowd, area(annotation)) if box else None


def _annotation(rows):
    boxes, labels, crowd, areas = zip(*rows) if rows else ((), (), (), ())
    return Annotation.of(boxes, labels, difficult=crowd, crowd=crowd, area=areas)


def check_box(bbox: list, width: int, height: int):
    """Turn a ``bbox`` [x, y, w, h] into (x1, y1, x2, y2) inside an image of width x height pixels.

    COCO counts in continuous pixels from the corner of the image, as numpyssd does, so nothing is added. Returns the
    box, or None if it is useless, and a sentence that says what is wrong, or None.
    """
    if len(bbox) != 4 or not all(is_number(value) for value in bbox):
        return None, "a box is four finite numbers x, y, width, height"
    values = x, y, w, h = tuple(float(value) for value in bbox)
    if w < 0 or h < 0:
        return None, f"the box has a negative width or height{hint(values, COCO, width, height)}"
    if w == 0 or h == 0:
        return None, "the box has zero size"
    if are_fractions(values):
        return None, FRACTIONS
    box = x, y, x + w, y + h
    inside, sentence = cut_to_image(box, width, height)
    return inside, sentence and sentence + hint(values, COCO, width, height, box, inside)


def area(annotation: dict) -> float:
    """Return the area of an annotation in square pixels: that of its segmentation, or else of its box."""
    written = annotation.get("area")
    if is_number(written) and written > 0:
        return float(written)
    return float(annotation["bbox"][2] * annotation["bbox"][3])
