"""A data set in the layout of PASCAL VOC: JPEGImages, Annotations and ImageSets/Main below one folder.

Everything that can be checked without decoding pictures is checked when the data set is opened, so that a defect stops
or warns before training and not in its third hour.
"""

import numpy as np

from numpyssd.datasets.images import image_size, read_image
from numpyssd.datasets.voc_annotation import Problem, check_box, read_annotation
from numpyssd.datasets.voc_files import files_by_lower_name, find_image, find_root, read_split
from numpyssd.errors import InputError

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
    there, sorted, so that every split numbers them alike. bad_boxes: "skip" leaves useless boxes out and lists them in
    ``problems`` (a list of Problem, to be shown by the caller); "error" raises.

    Raises InputError for a missing root, split, image or annotation, broken XML and unknown classes; the message
    names the first and counts the others.
    """

    def __init__(self, root, split="train", class_names=None, bad_boxes="skip"):
        if bad_boxes not in ("skip", "error"):
            raise ValueError(f'bad_boxes must be "skip" or "error", not {bad_boxes!r}')
        self.root, self.split = find_root(root), split
        self.problems = []
        self.stems = read_split(self.root, split, self.problems)
        files = files_by_lower_name(self.root / "JPEGImages")
        fatal, parsed = [], {}
        for stem in self.stems:
            _collect(fatal, lambda stem=stem: parsed.update({stem: read_annotation(self._xml(stem))}))
        _raise_first(fatal)
        self.class_names = checked_names(class_names) if class_names is not None else self._find_names(parsed)
        self._images, self._sizes, self._annotations = [], [], []
        for stem in self.stems:
            _collect(fatal, lambda stem=stem: self._add(stem, parsed[stem], files))
        _raise_first(fatal)
        if bad_boxes == "error":
            _raise_first(
                [InputError(f"{p}; mend the annotation") for p in self.problems if p.object_number is not None]
            )

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
        return self._xml(self.stems[i])

    def _xml(self, stem):
        return self.root / "Annotations" / f"{stem}.xml"

    def _find_names(self, parsed):
        names = set()
        for path in sorted((self.root / "Annotations").glob("*.xml")):
            try:
                annotation = parsed.get(path.stem) or read_annotation(path)
            except InputError as reason:  # of another split, so not fatal here
                self.problems.append(Problem(str(path), None, None, f"left out of the class names: {reason}"))
                continue
            names.update(item.name for item in annotation.objects if item.name)
        return VOC_NAMES if names <= set(VOC_NAMES) else tuple(sorted(names))

    def _add(self, stem, annotation, files):
        """Check one image and its annotation and take them in."""
        xml = self._xml(stem)
        path = find_image(self.root / "JPEGImages", stem, annotation.file_name, files)
        width, height = image_size(path)
        if annotation.size not in (None, (width, height)):
            sentence = "the XML says {:g} x {:g} pixels, the image has {} x {}; was it turned or resized later?"
            sentence = sentence.format(*annotation.size, width, height)
            self.problems.append(Problem(str(xml), None, None, sentence))
        rows = []
        for number, item in enumerate(annotation.objects):
            if item.name not in self.class_names:
                known = ", ".join(self.class_names[:10]) + (", …" if len(self.class_names) > 10 else "")
                raise InputError(
                    f"{xml}, object {number} (counted from 0): class {item.name!r} is not one of the {known}; "
                    "rename it or add it to the class names"
                )
            box, written, sentence = check_box(item.corners, width, height)
            if sentence:
                self.problems.append(Problem(str(xml), number, written, sentence))
            if box:
                rows.append((box, self.class_names.index(item.name) + 1, item.difficult, item.truncated))
        self._images.append(path)
        self._sizes.append((width, height))
        self._annotations.append(
            (
                np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
                np.array([row[1] for row in rows], np.int64),
                np.array([row[2] for row in rows], bool),
                np.array([row[3] for row in rows], bool),
            )
        )


def checked_names(class_names):
    """Return class names as a tuple; raise ValueError for names that are no texts, not different or the background."""
    names = tuple(class_names)
    if isinstance(class_names, str) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"class_names must be a sequence of names, not {class_names!r}")
    if any(name.strip("_") == "background" for name in names):
        raise ValueError(f"class_names must leave out the background, which is always class 0, not {names}")
    if len(set(names)) < len(names):
        raise ValueError(f"class_names must differ from one another, not {names}")
    return names


def _collect(errors, act):
    """Call act and keep the InputError it raises, so that all defects are counted before one is raised."""
    try:
        act()
    except InputError as error:
        errors.append(error)


def _raise_first(errors):
    if len(errors) > 1:
        raise InputError(f"{errors[0]} (the first of {len(errors)} such problems)")
    if errors:
        raise errors[0]
