"""A data set in COCO's format: one JSON file for all annotations, and a folder of images.

As in VOC, everything that can be checked without decoding pictures is checked when the data set is opened.
"""

from os.path import isfile  # unlike Path's, it answers for a name that is too long too
from pathlib import Path

import numpy as np

from numpyssd.datasets.coco_box import AnnotationProblem, area, check_box, is_number
from numpyssd.datasets.coco_file import Defects, read_coco
from numpyssd.datasets.images import image_size, read_image
from numpyssd.datasets.voc import checked_names
from numpyssd.datasets.voc_annotation import Problem
from numpyssd.errors import InputError


class COCODataset:
    """The images of one COCO file; item i is (image, boxes, labels, difficult), boxes (M, 4) float32 xyxy in pixels.

    json: the file. images: the folder that its file names count from; of several, the first that holds the first image.
    A box [x, y, w, h] becomes (x, y, x + w, y + h). Categories are the labels 1, 2, ... in the order of their ids, even
    those without annotations; COCO's own 80 have ids up to 90, with gaps. With class_names (of a trained network, say)
    the labels follow these, and categories are found by name. ``category_ids`` holds the id of each label, label 1
    first; None: not in the file. Images without annotations are kept.

    crowds: a box with iscrowd = 1 stands for many objects. True keeps these boxes and calls them difficult, so that
    they neither count nor hurt in an evaluation; False leaves them out, for training, because no default box could
    learn one object from them. Caffe does both: its reader takes iscrowd for difficult, and examples/ssd/ssd_coco.py
    trains without difficult objects (train_on_diff_gt = False; it is True for VOC). torchvision's references,
    MMDetection and Detectron2 train without crowds too.

    bad_boxes: "skip" leaves useless boxes out and lists them in ``problems``, by the annotation's id; "error" raises.
    Raises InputError for what ``read_coco`` refuses, for missing images, and for classes that class_names lacks.
    """

    def __init__(self, json, images, class_names=None, bad_boxes="skip", crowds=True):
        if bad_boxes not in ("skip", "error"):
            raise ValueError(f'bad_boxes must be "skip" or "error", not {bad_boxes!r}')
        self.json, self.problems = Path(json), []
        content = read_coco(self.json)
        self.class_names = checked_names(self._names(content.categories) if class_names is None else class_names)
        ids = {category["name"]: category["id"] for category in content.categories}
        self.category_ids = tuple(ids.get(name) for name in self.class_names)
        self.image_ids = tuple(image["id"] for image in content.images)
        self._file_names = [image["file_name"] for image in content.images]
        self.folder = self._find_folder(images)
        self._sizes = self._read_sizes(content.images)
        self._annotations = [_columns(rows) for rows in self._read_annotations(content, crowds)]
        bad = [problem for problem in self.problems if problem.object_number is not None]
        if bad and bad_boxes == "error":
            more = f" (the first of {len(bad)} such problems)" if len(bad) > 1 else ""
            raise InputError(f"{bad[0]}; mend the annotation{more}")

    def __len__(self):
        return len(self.image_ids)

    def __getitem__(self, i):
        boxes, labels, difficult, _ = self.annotation(i)
        return read_image(self.image_path(i)), boxes, labels, difficult

    def annotation(self, i):
        """Return boxes, labels, difficult (here: crowds) and truncated (never known here) of image i, undecoded."""
        boxes, labels, crowd, _ = (column.copy() for column in self._annotations[i])
        return boxes, labels, crowd, np.zeros(len(boxes), bool)

    def crowd(self, i):
        """Return which boxes (M,) of image i stand for a crowd, for COCO's own evaluation."""
        return self._annotations[i][2].copy()

    def areas(self, i):
        """Return the areas (M,) of image i, by which COCO calls objects small or large: of the outline, if given."""
        return self._annotations[i][3].copy()

    def image_size(self, i):
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        return self._sizes[i]

    def image_path(self, i):
        """Return the path of image i."""
        return self.folder / self._file_names[i]

    def _names(self, categories):
        for category in categories:
            if category["name"].strip("_") == "background":
                where = f"{self.json}, category {category['id']}"
                raise InputError(
                    f"{where} is {category['name']!r}; remove it, since the background is class 0 by itself"
                )
        return [category["name"] for category in categories]

    def _find_folder(self, images):
        folders = [Path(folder) for folder in (images if isinstance(images, list | tuple) else [images])]
        return next((folder for folder in folders if isfile(folder / self._file_names[0])), folders[0])

    def _read_sizes(self, images):
        defects, sizes = Defects(), []
        for i, image in enumerate(images):
            try:
                sizes.append(image_size(self.image_path(i)))
            except InputError as reason:
                defects.add(f"{self.json}, image {image['id']!r}: {reason}")
                continue
            written = image.get("width"), image.get("height")  # some tools write 0 for "not known"
            if all(is_number(side) and side > 0 for side in written) and written != sizes[-1]:
                sentence = (
                    "image {!r} ({}): the JSON says {:g} x {:g} pixels, the file has {} x {}; was it turned later?"
                )
                sentence = sentence.format(image["id"], image["file_name"], *written, *sizes[-1])
                self.problems.append(Problem(str(self.json), None, None, sentence))
        defects.stop()
        return sizes

    def _read_annotations(self, content, crowds):
        """Return for each image its rows (box, label, crowd, area)."""
        place = {image_id: i for i, image_id in enumerate(self.image_ids)}
        names = {category["id"]: category["name"] for category in content.categories}
        labels = {name: label for label, name in enumerate(self.class_names, start=1)}
        known = ", ".join(self.class_names[:10]) + (", …" if len(labels) > 10 else "")
        rows, defects = [[] for _ in self.image_ids], Defects()
        for annotation in content.annotations:
            where, name = f"{self.json}, annotation {annotation['id']!r}", names[annotation["category_id"]]
            crowd = annotation.get("iscrowd", 0)
            if crowd not in (0, 1):
                defects.add(f"{where}: 'iscrowd' must be 0 or 1, not {crowd!r}; mend it")
            elif name not in labels:
                defects.add(f"{where}: class {name!r} is not one of the {known}; rename or add it to the class names")
            elif crowds or not crowd:
                i = place[annotation["image_id"]]
                box, sentence = check_box(annotation["bbox"], *self._sizes[i])
                if sentence:
                    written = tuple(annotation["bbox"])
                    self.problems.append(AnnotationProblem(str(self.json), annotation["id"], written, sentence))
                if box:
                    rows[i].append((box, labels[name], crowd, area(annotation)))
        defects.stop()
        return rows


def _columns(rows):
    """Return boxes (M, 4), labels (M,), crowd (M,) and areas (M,) of the rows of one image."""
    boxes, labels, crowd, areas = zip(*rows) if rows else ((), (), (), ())
    return (
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int64),
        np.array(crowd, bool),
        np.array(areas, np.float64),
    )
