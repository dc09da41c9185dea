"""A data set in COCO's format: one JSON file for all annotations, and a folder of images.

As in VOC, everything is checked when the data set is opened, the pictures too.
"""

import os
from pathlib import Path

import numpy as np

from numpyssd.datasets.class_names import checked_names, is_background, unknown_class
from numpyssd.datasets.coco.box import is_number
from numpyssd.datasets.coco.boxes import CheckedBoxes
from numpyssd.datasets.coco.file import EFFECTS, read_coco
from numpyssd.datasets.issues import IMAGE_OUT, BadData, Problem, check_policy, shortened, stop_for
from numpyssd.datasets.progress_bar import with_bar
from numpyssd.errors import InputError
from numpyssd.images.read import read_image, sound_size


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

    bad_data: "error" raises BadData for useless boxes, broken entries, unknown classes, and images that are missing,
    damaged or not of the size that the file says; the message names the first, the error lists all. "skip" leaves them
    out and lists them in ``problems``, boxes by the annotation's id. Raises InputError for what ``read_coco`` refuses,
    and if no image is left.
    """

    def __init__(self, json, images, class_names=None, bad_data="error", crowds=True):
        check_policy(bad_data)
        self.json, self.problems = Path(json), []
        content = read_coco(self.json, self.problems)
        categories = self._foreground(content.categories)
        self.class_names = checked_names([c["name"] for c in categories] if class_names is None else class_names)
        ids = {category["name"]: category["id"] for category in categories}
        self.category_ids = tuple(ids.get(name) for name in self.class_names)
        self.folder = self._find_folder(images, content.images)
        pictures = with_bar(content.images, f"looking at the pictures of {self.json.name}")
        sizes = {image["id"]: self._sound_size(image) for image in pictures}
        self.left_out = [self.folder / image["file_name"] for image in content.images if not sizes[image["id"]]]
        kept = [image for image in content.images if sizes[image["id"]]]
        self.image_ids = tuple(image["id"] for image in kept)
        self._file_names = [image["file_name"] for image in kept]
        self._sizes = [sizes[i] for i in self.image_ids]
        found = CheckedBoxes(self.json, content.categories, self.class_names, self.problems)
        self._annotations = found.columns(content.annotations, self.image_ids, self._sizes, crowds)
        if bad_data == "error":
            stop_for(self.problems)
        if not kept:
            raise BadData(self.problems, f"{self.json}: none of its images")

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

    def _foreground(self, categories):
        """Return the categories that are not the background, which is class 0 by itself."""
        for category in categories:
            if is_background(category["name"]):
                sentence = f"{self.json}, category {category['id']}: {unknown_class(category['name'], ())}"
                self.problems.append(Problem(str(self.json), None, None, sentence, EFFECTS["categories"]))
        return [category for category in categories if not is_background(category["name"])]

    def _find_folder(self, images, entries):
        folders = [Path(folder) for folder in (images if isinstance(images, list | tuple) else [images])]
        first = entries[0]["file_name"]
        return next((folder for folder in folders if os.path.isfile(folder / first)), folders[0])

    def _sound_size(self, image):
        """Return (width, height) of an image of the file as a viewer shows it, or None if it cannot be used."""
        try:
            size = sound_size(self.folder / image["file_name"])
        except InputError as reason:
            sentence = f"image {shortened(repr(image['id']))}: {reason}"
            self.problems.append(Problem(str(self.json), None, None, sentence, IMAGE_OUT))
            return None
        written = image.get("width"), image.get("height")  # some tools write 0 for "not known"
        if all(is_number(side) and side > 0 for side in written) and written != size:
            sentence = "image {!r} ({}): the JSON says {:g} x {:g} pixels, the file has {} x {} (was it turned later?)"
            sentence = sentence.format(image["id"], image["file_name"], *written, *size)
            self.problems.append(Problem(str(self.json), None, None, sentence, IMAGE_OUT))
            return None
        return size
