"""The annotations of a COCO file as columns of numbers for each image, and what is wrong with any of them."""

import numpy as np

from numpyssd.datasets.class_names import unknown_class
from numpyssd.datasets.coco.box import area, check_box
from numpyssd.datasets.issues import BOX_CUT, BOX_OUT, OBJECT_OUT, AnnotationProblem, shortened


class CheckedBoxes:
    """The annotations of a file with these categories, for these class names; defects go into ``problems``."""

    def __init__(self, file, categories, class_names, problems):
        self.file, self.class_names, self.problems = str(file), class_names, problems
        self.names = {category["id"]: category["name"] for category in categories}
        self.labels = {name: label for label, name in enumerate(class_names, start=1)}

    def columns(self, annotations, image_ids, sizes, crowds):
        """Return for each image its boxes (M, 4), labels (M,), crowd (M,) and areas (M,).

        sizes: (width, height) of each image. crowds: whether boxes that stand for a crowd are wanted.
        """
        place, rows = {image_id: i for i, image_id in enumerate(image_ids)}, [[] for _ in image_ids]
        for annotation in annotations:
            i, crowd = place.get(annotation["image_id"]), annotation.get("iscrowd", 0)
            if i is None or crowd == 1 and not crowds:  # its image was left out, or it is not wanted
                continue
            row = self._row(annotation, crowd, *sizes[i])
            if row:
                rows[i].append(row)
        return [_columns(its_rows) for its_rows in rows]

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
            self.problems.append(AnnotationProblem(self.file, annotation["id"], written, sentence, effect))
        return (box, self.labels[name], crowd, area(annotation)) if box else None


def _columns(rows):
    boxes, labels, crowd, areas = zip(*rows) if rows else ((), (), (), ())
    return (
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int64),
        np.array(crowd, bool),
        np.array(areas, np.float64),
    )
