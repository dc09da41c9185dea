"""A data set as LabelMe saves it: a JSON file with shapes for each image.

Everything is checked when the data set is loaded, as in VOC: every shape, and every image.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from numpyssd.datasets.annotated_images import AnnotatedImages, with_progress_bar
from numpyssd.datasets.class_names import checked_names, unknown_class
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
from numpyssd.datasets.labelme.file import LabelMeFile, read_labelme
from numpyssd.datasets.labelme.folder import Files
from numpyssd.datasets.labelme.names import IGNORED, find_names
from numpyssd.datasets.labelme.shapes import EXACT, WITHOUT_BOX, Object, box_of, check_box, kind_of, merge
from numpyssd.datasets.labelme.warnings import shape_warnings
from numpyssd.images.notes import why_sizes_differ
from numpyssd.images.read import sound_size


class LabelMeDataset(AnnotatedImages):
    """The images of one split, or with the split None of the whole folder, a ``Dataset``.

    - root: the folder of images with a JSON file for each; folders in it that are called train and val are splits.
    - class_names: those of a trained network; without them those in labels.txt, LabelMe's list, or else those of all
      shapes below root, sorted.
    - bad_data: "error" raises BadData for shapes that are no box, unknown classes, broken files, and images that are
      missing, damaged or of another size than the file says; the message names the first, the error lists all. "skip"
      leaves them out and lists them in ``issues``.
    - missing_labels: an image without a JSON file is not labeled yet (LabelMe's converters go by the JSON files), so
      it is left out with a warning. "negative" takes it for an image without objects.

    Raises InputError for a split that is not there, and BadData for one of which nothing is left.
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
        files = Files(Path(root))
        self.root, self.split, self.issues, self._counts = files.base, split, [], Counter()
        paths = files.label_files(split)
        parsed = {}
        for path in paths:
            with noting(self.issues, path, IMAGE_OUT):
                parsed[path] = read_labelme(path)
        self.class_names = checked_names(find_names(files, parsed) if class_names is None else class_names)
        rows, of_image = [], {}  # path, size and Annotation of each image; its JSON file
        named = {
            files.image_of(path, "") for path in paths if path not in parsed
        }  # images of a JSON file, usable or not
        for path, file in with_progress_bar(parsed.items(), f"checking {split or files.base.name}"):
            image, size = self._image(path, file, files)
            named.add(image)
            if image in of_image:
                sentence = f"its image {image.name} is that of {of_image[image].name}, too"
                self.issues.append(Issue(str(path), sentence, "the file is left out"))
            elif size:
                of_image[image] = path
                rows.append((image, size, self._objects(path, file, size)))
        rows += self._without_labels(files, paths, named, missing_labels == "negative")
        self.issues += shape_warnings(self._counts, files.base)
        if bad_data == "error":
            stop_for(self.issues)
        if not rows:
            of_split = f" of the split {split!r}" if split else ""
            raise BadData(self.issues, f"{files.base}: none of the {len(files.images(split))} images{of_split}")
        images, sizes, annotations = map(list, zip(*rows))
        super().__init__(self.class_names, images, annotations, sizes, self.issues)

    def _image(self, path: Path, file: LabelMeFile, files: Files):
        """Return the path and (width, height) of the image of a JSON file; the size is None if it cannot be used."""
        image, size = files.image_of(path, file.image_path), None
        if image is None:
            embedded = "; the JSON file holds a copy of it: take it out with labelme_export_json (once json_to_dataset)"
            sentence = f"its image {file.image_path or path.stem} is not there"
            self.issues.append(Issue(str(path), sentence + embedded * file.has_image_data, IMAGE_OUT))
            return None, None
        with noting(self.issues, image, IMAGE_OUT):
            size = sound_size(image)
        if size and file.size not in (None, size):
            sentence = "the JSON says {:g} x {:g} pixels, the image has {} x {} ({})"
            sentence = sentence.format(*file.size, *size, why_sizes_differ(image, file.size, size))
            self.issues.append(Issue(str(path), sentence, IMAGE_OUT, image=image))
            size = None
        return image, size

    def _objects(self, path, file, size):
        """Return the Annotation of the shapes of a file, without those that cannot be used."""
        parts, groups = [], []
        for number, shape in enumerate(file.shapes):
            label, kind = shape.get("label"), kind_of(shape)
            if kind in WITHOUT_BOX or label == IGNORED:
                self._counts[label if label == IGNORED else kind] += 1
                continue
            if not isinstance(label, str) or label not in self.class_names:
                sentence = unknown_class(label if isinstance(label, str) else "", self.class_names)
                self.issues.append(Issue(str(path), sentence.replace("<name>", "'label'"), OBJECT_OUT, number))
                continue
            box, sentence = box_of(shape)
            if sentence:
                self.issues.append(Issue(str(path), sentence, BOX_OUT, number))
                continue
            parts.append(Object(number, label, box, (kind,), shape.get("difficult") is True))
            groups.append(group if isinstance(group := shape.get("group_id"), int | str) else None)
        rows = []
        for item in merge(parts, groups):
            box, sentence = check_box(item.box, *size)
            if sentence:
                written = tuple(round(value, 2) for value in item.box)
                self.issues.append(Issue(str(path), sentence, BOX_CUT if box else BOX_OUT, item.number, written))
            if box:
                rows.append((box, self.class_names.index(item.label) + 1, item.difficult))
                self._counts.update(kind for kind in item.kinds if kind not in EXACT)
                self._counts["group"] += len(item.kinds) > 1
        return Annotation.of(*zip(*rows)) if rows else Annotation.of([], [])

    def _without_labels(self, files, paths, named, are_negatives):
        """Return the rows of the images without a JSON file if they are negatives; say how many there are."""
        labeled = {path.with_suffix("") for path in paths}
        alone = [image for image in files.images(self.split) if image not in named]
        alone = [image for image in alone if image.with_suffix("") not in labeled]
        if alone:
            images = len(alone) + len(paths)
            self.issues.append(unlabeled(files.base, len(alone), images, "JSON file", are_negatives))
        rows = []
        for image in alone if are_negatives else ():
            with noting(self.issues, image, IMAGE_OUT):
                rows.append((image, sound_size(image), Annotation.of([], [])))
        return rows
