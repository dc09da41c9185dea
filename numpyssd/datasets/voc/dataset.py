"""A data set in the layout of PASCAL VOC: JPEGImages, Annotations and ImageSets/Main below one folder.

Everything is checked when the data set is opened, so that a defect stops before training and not in its third hour: the
annotations, and every picture, which takes a millisecond each.
"""

import numpy as np

from numpyssd.datasets.class_names import checked_names, is_background, unknown_class
from numpyssd.datasets.issues import (
    BOX_CUT,
    BOX_OUT,
    IMAGE_OUT,
    OBJECT_OUT,
    BadData,
    Problem,
    check_policy,
    noting,
    stop_for,
)
from numpyssd.datasets.progress_bar import with_bar
from numpyssd.datasets.voc.annotation import check_box, read_annotation
from numpyssd.datasets.voc.files import files_by_lower_name, find_annotation, find_image, find_root, read_split
from numpyssd.images.read import read_image, sound_size

# fmt: off
VOC_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)
# fmt: on


class VOCDataset:
    """The images of one split; item i is (image, boxes, labels, difficult), boxes (M, 4) float32 xyxy in pixels.

    root: the folder with Annotations, ImageSets and JPEGImages, or one that holds a single such folder. class_names:
    foreground names; without them the 20 of VOC if they cover all annotations of the root, or else the names found
    there, sorted, so that every split numbers them alike. bad_data: "error" raises BadData for useless boxes, unknown
    classes, missing or broken files and sizes unlike the picture's; the message names the first, the error lists all.
    "skip" leaves them out and lists them in ``problems`` (a list of Problem, to be shown by the caller).

    Raises InputError for a missing root or split, and BadData for one of which nothing is left.
    """

    def __init__(self, root, split="train", class_names=None, bad_data="error"):
        check_policy(bad_data)
        self.root, self.split = find_root(root), split
        self.problems, parsed = [], {}
        listed = read_split(self.root, split, self.problems)
        images, self._xml = (files_by_lower_name(self.root / name) for name in ("JPEGImages", "Annotations"))
        for stem in listed:
            path = self._annotation(stem)
            with noting(self.problems, path, IMAGE_OUT):
                parsed[stem] = read_annotation(path)
        self.class_names = checked_names(class_names) if class_names is not None else self._find_names(parsed)
        self.stems, self._images, self._sizes, self._annotations = [], [], [], []
        for stem, annotation in with_bar(parsed.items(), f"looking at the split {split}"):
            self._add(stem, annotation, images)
        if bad_data == "error":
            stop_for(self.problems)
        if not self.stems:
            raise BadData(self.problems, f"{self.root}: none of the {len(listed)} images of the split {split!r}")

    def __len__(self):
        return len(self.stems)

    def __getitem__(self, i):
        boxes, labels, difficult, _ = self.annotation(i)
        return read_image(self._images[i]), boxes, labels, difficult

    def annotation(self, i):
        """Return boxes, labels, difficult and truncated of image i without decoding it."""
        return tuple(array.copy() for array in self._annotations[i])

    def image_size(self, i):
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        return self._sizes[i]

    def image_path(self, i):
        """Return the path of image i."""
        return self._images[i]

    def annotation_path(self, i):
        """Return the path of the XML file of image i."""
        return self._annotation(self.stems[i])

    def _annotation(self, stem):
        return find_annotation(self.root / "Annotations", stem, self._xml)

    def _find_names(self, parsed):
        names, broken = set(), {problem.file for problem in self.problems}
        for name in sorted(name for name in self._xml.values() if name.lower().endswith(".xml")):
            path = self.root / "Annotations" / name
            if str(path) in broken:  # one of this split's own
                continue
            with noting(self.problems, path, "left out of the class names", harmless=True):  # of another split
                annotation = parsed.get(path.stem) or read_annotation(path)
                names.update(item.name for item in annotation.objects if item.name and not is_background(item.name))
        return VOC_NAMES if names <= set(VOC_NAMES) else tuple(sorted(names))

    def _add(self, stem, annotation, files):
        """Check one image and its annotation and take them in."""
        xml, folder, path, size = self._annotation(stem), self.root / "JPEGImages", None, None
        with noting(self.problems, folder / stem, IMAGE_OUT):
            path = find_image(folder, stem, annotation.file_name, files)
        with noting(self.problems, path, IMAGE_OUT):
            size = path and sound_size(path)
        if size is None:
            return
        width, height = size
        if annotation.size not in (None, size):
            sentence = "the XML says {:g} x {:g} pixels, the image has {} x {} (was it turned or resized later?)"
            self.problems.append(Problem(str(xml), None, None, sentence.format(*annotation.size, *size), IMAGE_OUT))
            return
        rows = []
        for number, item in enumerate(annotation.objects):
            if item.name not in self.class_names:
                sentence = unknown_class(item.name, self.class_names)
                self.problems.append(Problem(str(xml), number, None, sentence, OBJECT_OUT))
                continue
            box, written, sentence = check_box(item.corners, width, height)
            if sentence:
                self.problems.append(Problem(str(xml), number, written, sentence, BOX_CUT if box else BOX_OUT))
            if box:
                rows.append((box, self.class_names.index(item.name) + 1, item.difficult, item.truncated))
        self.stems.append(stem)
        self._images.append(path)
        self._sizes.append(size)
        self._annotations.append(
            (
                np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
                np.array([row[1] for row in rows], np.int64),
                np.array([row[2] for row in rows], bool),
                np.array([row[3] for row in rows], bool),
            )
        )
