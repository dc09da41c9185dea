"""A data set in YOLO's format: a text file of rows for each image.

Everything is checked when the data set is loaded, as in VOC: every row, and every image.
"""

from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.annotated_images import AnnotatedImages, with_progress_bar
from numpyssd.datasets.class_names import checked_names, is_background, unknown_class
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.folders.split_folders import Names
from numpyssd.datasets.folders.text_files import read_lines
from numpyssd.datasets.issues import (
    BOX_CUT,
    BOX_OUT,
    IMAGE_OUT,
    OBJECT_OUT,
    BadData,
    Issue,
    LineIssue,
    check_policy,
    noting,
    stop_for,
)
from numpyssd.datasets.yolo.folder import describe, images_of
from numpyssd.datasets.yolo.label_files import check_files, label_file
from numpyssd.datasets.yolo.rows import BOX, ORIENTED, OUTLINE, POSE, box_of, parse_row
from numpyssd.images.read import sound_size

# What is said once of rows that are more than a box: of one row, and of several.
_NOTES = {
    OUTLINE: ("row is an outline; it becomes the upright box around it",
              "rows are outlines; each becomes the upright box around it"),
    ORIENTED: ("row has four corners (an oriented box, or an outline); it becomes the upright box around them",
               "rows have four corners (oriented boxes, or outlines); each becomes the upright box around them"),
    POSE: ("row has key points; only its box is used", "rows have key points; only their boxes are used"),
    "score": ("row has a score behind it, as predictions have and labels have not; it is passed over",
              "rows have a score behind them, as predictions have and labels have not; it is passed over"),
}  # fmt: skip


class YOLODataset(AnnotatedImages):
    """The images of one split, or with the split None of the whole folder, a ``Dataset``.

    - root: the folder with data.yaml, obj.data or a list of names such as classes.txt.
    - class_names: those of a trained network, found by name; without them those that the folder names, in its order.
    - bad_data: "error" raises BadData for rows that are no boxes, class numbers that nothing names, and images that
      are missing or damaged; the message names the first, the error lists all. "skip" leaves them out and lists them
      in ``issues``.
    - missing_labels: a split without any label file is refused, because its labels were most likely forgotten.
      "negative" takes all of its images for images without objects.

    An image without a label file, or with an empty one, has no objects: Ultralytics and Darknet take it for a picture
    of the background. A label file lies beside its image, or in the folder labels where the image is in images.

    Raises InputError for a split that is not there, for a folder without names or any label file, and BadData if no
    image is left.
    """

    def __init__(
        self,
        root: Path | str,
        split: str | None = None,
        class_names: Iterable[str] | None = None,
        bad_data: str = "error",
        missing_labels: str = "error",
    ):
        check_policy(bad_data, missing_labels)
        folder = describe(Path(root))
        self.root, self.split, self.issues = folder.base, split, list(folder.issues)
        images = images_of(folder, split)
        self._named_in, self._names = folder.named_in, folder.names
        own = [name for name in dict.fromkeys(folder.names.values()) if not is_background(name)]
        self.class_names = checked_names(own if class_names is None else class_names)
        self._key_points, self._counts, files = folder.key_points, {}, Names()
        labels = [label_file(image, folder.base, files) for image in images]
        where = f"{self.root}, split {split!r}" if split else str(self.root)
        self.issues += check_files(where, images, labels, missing_labels == "negative")
        rows = []  # path, size and Annotation of each image
        for image, path in with_progress_bar(list(zip(images, labels)), f"checking {split or folder.base.name}"):
            size = None
            with noting(self.issues, image, IMAGE_OUT):
                size = sound_size(image)
            if size:
                rows.append((image, size, self._objects(path, size)))
        for kind, count in self._counts.items():
            sentence = f"{count} {_NOTES[kind][count > 1]}"
            self.issues.append(Issue(str(folder.base), sentence, is_warning=True))
        if bad_data == "error":
            stop_for(self.issues)
        if not rows:
            raise BadData(self.issues, f"{folder.base}: none of the {len(images)} images")
        paths, sizes, annotations = map(list, zip(*rows))
        super().__init__(self.class_names, paths, annotations, sizes, self.issues)

    def _objects(self, path, size):
        """Return the Annotation of a label file, without the rows that cannot be used; of no file one without any."""
        rows, lines = [], []
        if path is not None:
            with noting(self.issues, path, "its objects are left out"):
                lines = read_lines(path)
        for number, line in lines:
            try:
                row = parse_row(line, self._key_points)
            except ValueError as reason:
                self.issues.append(LineIssue(str(path), str(reason), BOX_OUT, number))
                continue
            name = self._names.get(row.class_number)
            if name not in self.class_names:
                sentence = self._unknown(row.class_number) if name is None else unknown_class(name, self.class_names)
                self.issues.append(LineIssue(str(path), sentence, OBJECT_OUT, number))
                continue
            box, sentence = box_of(row, *size)
            if sentence:
                effect = BOX_CUT if box else BOX_OUT
                self.issues.append(LineIssue(str(path), sentence, effect, number, row.values))
            for kind in (row.kind, "score" if row.has_score else BOX):
                if kind != BOX:
                    self._counts[kind] = self._counts.get(kind, 0) + 1
            if box:
                rows.append((box, self.class_names.index(name) + 1))
        return Annotation.of(*zip(*rows)) if rows else Annotation.of([], [])

    def _unknown(self, number):
        first, last = min(self._names), max(self._names)
        from_1 = " (do the numbers begin at 1? the first is 0)" if number == last + 1 else ""
        return f"class number {number} is not named in {self._named_in.name}, which names {first} to {last}{from_1}"
