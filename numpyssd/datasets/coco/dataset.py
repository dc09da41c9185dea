"""A data set in COCO's format: one JSON file for all annotations, and a folder of images.

As in VOC, everything is checked when the data set is loaded, the images too.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from numpyssd.datasets.annotated_images import AnnotatedImages, with_progress_bar
from numpyssd.datasets.class_names import checked_names, is_background, unknown_class
from numpyssd.datasets.coco.boxes import CheckedBoxes
from numpyssd.datasets.coco.entries import EntryNotes
from numpyssd.datasets.coco.file import EFFECTS, read_coco
from numpyssd.datasets.coco.images import ImageFinder
from numpyssd.datasets.crowds import crowd_warning
from numpyssd.datasets.issues import IMAGE_OUT, BadData, Issue, check_policy, shortened, stop_for
from numpyssd.errors import InputError
from numpyssd.images.notes import why_sizes_differ
from numpyssd.images.read import sound_size
from numpyssd.json_files import is_number


class COCODataset(AnnotatedImages):
    """The images of one COCO file, a ``Dataset``. Images without annotations are kept.

    - json: the file. A box [x, y, w, h] becomes (x, y, x + w, y + h).
    - images: the folder that its file names count from, or several, the likeliest first. Names that were written on
      another machine are found too: see images.py.
    - class_names: those of a trained network, say; categories are found by name. Without them the categories are the
      labels 1, 2, ... in the order of their ids, even those without annotations; COCO's own 80 have ids up to 90, with
      gaps. One that is only the root of an export is none: see root_category.py. ``category_ids`` holds the id of each
      label, label 1 first; None: not in the file.
    - bad_data: "error" raises BadData for useless boxes, broken entries, unknown classes, and images that are missing,
      damaged or not of the size that the file says; the message names the first, the error lists all. "skip" leaves
      them out and lists them in ``issues``, boxes by the annotation's id.
    - crowds: a box with iscrowd = 1 stands for many objects. True keeps these boxes and calls them difficult, so that
      they neither count nor hurt in an evaluation; False leaves them out, for training, because no default box could
      learn one object from them. Caffe does both: its reader takes iscrowd for difficult, and examples/ssd/ssd_coco.py
      trains without difficult objects (train_on_diff_gt = False; it is True for VOC). torchvision's references,
      MMDetection and Detectron2 train without crowds too.

    Raises InputError for what ``read_coco`` refuses, and if no image or no class is left.
    """

    def __init__(
        self,
        json: Path | str,
        images: Path | str | Sequence[Path | str],
        class_names: Iterable[str] | None = None,
        bad_data: str = "error",
        crowds: bool = True,
    ):
        check_policy(bad_data)
        self.json, self.issues = Path(json), []
        content = read_coco(self.json, self.issues)
        categories = self._foreground(content, leave_out_root=class_names is None)
        if not categories and class_names is None:
            raise InputError(f"{self.json} has no category but the background; export the data again")
        self.class_names = checked_names([c["name"] for c in categories] if class_names is None else class_names)
        ids = {category["name"]: category["id"] for category in categories}
        self.category_ids = tuple(ids.get(name) for name in self.class_names)
        folders = [images] if isinstance(images, str | Path) else images
        self._finder = ImageFinder([Path(folder) for folder in folders])
        self.folder = self._finder.folder_of(content.images[0]["file_name"])
        self._notes, self._file_names = EntryNotes(self.json), [image["file_name"] for image in content.images]
        sizes, self._paths, self._seen = {}, {}, {}  # size and path by the id of the image, and the id by the path
        for image in with_progress_bar(content.images, f"checking the images of {self.json.name}"):
            size = self._checked_size(image)
            if size:
                sizes[image["id"]] = size
        self.issues += self._notes.issues()
        kept = [image for image in content.images if image["id"] in sizes]
        self.image_ids = tuple(image["id"] for image in kept)
        checked = CheckedBoxes(self.json, content.categories, self.class_names, self.issues)
        annotations = checked.by_image(content.annotations, sizes, crowds)
        if not crowds:
            wanted = (one for one in content.annotations if one.get("iscrowd") == 1 and one["image_id"] in sizes)
            self.issues += crowd_warning(self.json, sum(1 for _ in wanted))
        if bad_data == "error":
            stop_for(self.issues)
        if not kept:
            looked = ", ".join(map(str, self._finder.folders))
            where = "" if any(os.path.exists(path) for path in self._seen) else f", looked for in {looked},"
            raise BadData(self.issues, f"{self.json}: none of its images{where}")
        paths = [self._paths[image["id"]] for image in kept]
        super().__init__(self.class_names, paths, annotations, list(sizes.values()), self.issues)

    def _foreground(self, content, leave_out_root):
        """Return the categories that are neither the background, which is class 0 by itself, nor a root left out."""
        categories, root = content.categories, content.root
        if root and leave_out_root:
            sentence = (
                f"category {root['id']} {shortened(repr(root['name']))} has no object and is the root of the others"
            )
            self.issues.append(Issue(str(self.json), sentence, "it is no class", is_warning=True))
            categories = [category for category in categories if category is not root]
        for category in categories:
            if is_background(category["name"]):
                sentence = f"{self.json}, category {category['id']}: {unknown_class(category['name'], ())}"
                self.issues.append(Issue(str(self.json), sentence, EFFECTS["categories"]))
        return [category for category in categories if not is_background(category["name"])]

    @cached_property
    def _named(self):
        """Return the paths that the file itself names."""
        return {self._finder.find(name) for name in self._file_names}

    def _path(self, image):
        """Return the path of an image of the file; of one that is missing, that of the only one with another ending."""
        path = self._finder.find(image["file_name"])
        other = None if os.path.exists(path) else self._finder.of_same_stem(image["file_name"], self._named)
        if other:
            sentence = f"image {shortened(repr(image['id']))}: {shortened(image['file_name'])} is not there"
            self._notes.add(sentence, f"{other.name}, the only one of that stem, is taken", "ending")
        return other or path

    def _checked_size(self, image):
        """Return (width, height) of an image of the file as a viewer shows it, or None if it cannot be used."""
        path = self._path(image)
        if path in self._seen:
            sentence = f"image {shortened(repr(image['id']))}: {path} is the image of {self._seen[path]!r} already"
            self.issues.append(Issue(str(self.json), f"{self.json}, {sentence}", IMAGE_OUT))
            return None
        self._paths[image["id"]], self._seen[path] = path, image["id"]
        try:
            size = sound_size(path)
        except InputError as reason:
            sentence = f"image {shortened(repr(image['id']))}: {reason}"
            self.issues.append(Issue(str(self.json), sentence, IMAGE_OUT, image=path))
            return None
        written = image.get("width"), image.get("height")  # some tools write 0 for "not known"
        if all(is_number(side) and side > 0 for side in written) and written != size:
            sentence = "image {!r} ({}): the JSON says {:g} x {:g} pixels, the file has {} x {} ({})"
            sentence = sentence.format(
                image["id"], image["file_name"], *written, *size, why_sizes_differ(path, written, size)
            )
            self.issues.append(Issue(str(self.json), sentence, IMAGE_OUT, image=path))
            return None
        return size
