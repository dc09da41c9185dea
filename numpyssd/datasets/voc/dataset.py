"""A data set in the layout of PASCAL VOC: JPEGImages, Annotations and perhaps ImageSets/Main below one folder.

Everything is checked when the data set is loaded, so that an issue stops before training and not in its third hour: the
annotations, and every image, which takes a millisecond each.
"""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.annotated_images import AnnotatedImages, with_progress_bar
from numpyssd.datasets.class_names import VOC_NAMES, checked_names, unknown_class
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.issues import (
    BOX_CUT,
    BOX_OUT,
    IMAGE_OUT,
    OBJECT_OUT,
    BadData,
    Issue,
    check_policy,
    noting,
    stop_for,
    unlabeled,
)
from numpyssd.datasets.voc.annotation import OtherXMLError, XMLAnnotation, check_box, read_annotation
from numpyssd.datasets.voc.files import Folders, every_stem, find_annotation, find_image, has_image
from numpyssd.datasets.voc.lists import find_lists, read_lists
from numpyssd.datasets.voc.names import names_of_objects
from numpyssd.images.notes import why_sizes_differ
from numpyssd.images.read import sound_size


class VOCDataset(AnnotatedImages):
    """The images of one split, a ``Dataset``.

    - root: the folder with Annotations, ImageSets and JPEGImages (or images), or one that holds a single such folder.
    - split: the name of a list in ImageSets/Main; None: all lists together, or without any list every image.
    - class_names: foreground names; without them the 20 of VOC if they cover all annotations of the root, or else the
      names found there, sorted, so that every split numbers them alike.
    - bad_data: "error" raises BadData for useless boxes, unknown classes, missing or broken files and sizes unlike the
      image's; the message names the first, the error lists all. "skip" leaves them out and lists them in ``issues``,
      to be shown by the caller.
    - missing_labels: an image without an XML file is an issue if a list names it, and left out otherwise, because it
      may just not be labeled yet. "negative" takes it for an image without objects: many tools write no XML for those.

    Raises InputError for a missing root or split, and BadData for one of which nothing is left.
    """

    def __init__(
        self,
        root: Path | str,
        split: str | None = "train",
        class_names: Iterable[str] | None = None,
        bad_data: str = "error",
        missing_labels: str = "error",
    ):
        check_policy(bad_data, missing_labels)
        self._folders, self.split, self.issues = self._open(root), split, []
        self.root = self._folders.root
        listed, are_listed = self._stems()
        parsed = self._parse(listed, are_listed, missing_labels == "negative")
        self.class_names = checked_names(class_names) if class_names is not None else self._find_names(parsed)
        rows = []  # stem, path, size and Annotation of each image
        for stem, annotation in with_progress_bar(
            parsed.items(), f"checking {f'the split {split}' if split else 'all images'}"
        ):
            path, size = self._image(stem, annotation)
            if size:
                rows.append((stem, path, size, self._objects(self._annotation_path(stem), annotation.objects, size)))
        if bad_data == "error":
            stop_for(self.issues)
        if not rows:
            of_split = f" of the split {split!r}" if split else ""
            raise BadData(self.issues, f"{self.root}: none of the {len(listed)} images{of_split}")
        self.stems, paths, sizes, annotations = map(list, zip(*rows))
        super().__init__(self.class_names, paths, annotations, sizes, self.issues)

    def annotation_path(self, i: int) -> Path:
        """Return the path of the XML file of image i."""
        return self._annotation_path(self.stems[i])

    def _annotation_path(self, stem):
        return find_annotation(self._folders, stem)

    def _open(self, root):
        return Folders(root)

    def _stems(self):
        """Return the stems of the split, and whether lists name them."""
        lists = find_lists(self._folders, self.split)
        return (read_lists(self._folders, lists, self.issues), True) if lists else (every_stem(self._folders), False)

    def _parse(self, stems, are_listed, negatives):
        """Return the XMLAnnotation of each stem that has one, or whose image is taken for one without objects."""
        parsed, without, others = {}, 0, 0
        for stem in stems:
            path = self._annotation_path(stem)
            if not path.exists() and (negatives or not are_listed) and has_image(self._folders, stem):
                without += 1
                if negatives:
                    parsed[stem] = XMLAnnotation("", None, [])
                continue
            with noting(self.issues, path, IMAGE_OUT):
                try:
                    parsed[stem] = read_annotation(path)
                except OtherXMLError as reason:
                    if are_listed or has_image(self._folders, stem):
                        raise
                    others += 1
                    self.issues.append(
                        Issue(str(path), str(reason), "it has no image and is passed over", is_warning=True)
                    )
        if without:
            folder, images = self._folders.annotations, len(stems) - others
            self.issues.append(unlabeled(folder, without, images, "XML file", negatives))
        return parsed

    def _find_names(self, parsed):
        names = names_of_objects(self._folders, parsed, self.issues)
        return VOC_NAMES if names <= set(VOC_NAMES) else tuple(sorted(names))

    def _image(self, stem, annotation):
        """Return path and (width, height) of the image of a stem; the size is None if it cannot be used."""
        path, size = None, None
        with noting(self.issues, self._folders.images / stem, IMAGE_OUT):
            path = find_image(self._folders, stem, annotation.file_name)
        with noting(self.issues, path, IMAGE_OUT):
            size = path and sound_size(path)
        if size and annotation.size not in (None, size):
            sentence = "the XML says {:g} x {:g} pixels, the image has {} x {} ({})"
            sentence = sentence.format(*annotation.size, *size, why_sizes_differ(path, annotation.size, size))
            xml = self._annotation_path(stem)
            self.issues.append(Issue(str(xml), sentence, IMAGE_OUT, image=path))
            size = None
        return path, size

    def _objects(self, xml, objects, size):
        """Return the Annotation of the objects of an XML file, without those that cannot be used."""
        rows = []  # box, label, difficult and truncated of each object
        for number, item in enumerate(objects):
            if item.name not in self.class_names:
                sentence = unknown_class(item.name, self.class_names)
                self.issues.append(Issue(str(xml), sentence, OBJECT_OUT, number))
                continue
            box, written, sentence = check_box(item.corners, *size)
            if sentence:
                self.issues.append(Issue(str(xml), sentence, BOX_CUT if box else BOX_OUT, number, written))
            if box:
                rows.append((box, self.class_names.index(item.name) + 1, item.difficult, item.truncated))
        return Annotation.of(*zip(*rows)) if rows else Annotation.of([], [])
