"""A data set made of lists: what every label format ends in, once its files are parsed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from numpyssd.datasets.class_names import checked_names
from numpyssd.datasets.dataset import Annotation, Sample
from numpyssd.datasets.issues import Issue
from numpyssd.images.read import image_size, read_image

BAR_DELAY = 3  # seconds; a small data set is loaded before a bar would show


class AnnotatedImages:
    """A ``Dataset`` of images in files (or in memory) with an Annotation each.

    - class_names: the foreground classes, label 1 first.
    - images: of each image its path, or the image itself, (H, W, 3) uint8 RGB.
    - annotations: of each image its Annotation; ``Annotation.of(boxes, labels)`` makes one from lists.
    - sizes: of each image (width, height) in pixels, if known already; or else it is read from the file.
    - issues: what was found wrong while parsing, for the caller to show.

    Raises ValueError if the lists differ in length and for class names that cannot be used.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        images: Sequence[Path | str | np.ndarray],
        annotations: Sequence[Annotation],
        sizes: Sequence[tuple[int, int]] | None = None,
        issues: Iterable[Issue] = (),
    ):
        self.class_names, self.issues = checked_names(class_names), list(issues)
        self._images = [image if isinstance(image, np.ndarray) else Path(image) for image in images]
        self._annotations = list(annotations)
        self._sizes = [_size(image) for image in self._images] if sizes is None else list(sizes)
        if not len(self._images) == len(self._annotations) == len(self._sizes):
            counts = f"{len(self._images)} images, {len(self._annotations)} annotations and {len(self._sizes)} sizes"
            raise ValueError(f"each image needs one annotation and one size; there are {counts}")

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, i: int) -> Sample:
        """Return image i, read from its file, with its objects."""
        image, objects = self._images[i], self.annotation(i)
        image = image if isinstance(image, np.ndarray) else read_image(image)
        return Sample(image, *objects[:3], objects.crowd, objects.area)

    def annotation(self, i: int) -> Annotation:
        """Return the objects of image i without decoding it."""
        return self._annotations[i].copy()

    def image_size(self, i: int) -> tuple[int, int]:
        """Return (width, height) of image i as a viewer shows it, in pixels."""
        return self._sizes[i]

    def image_path(self, i: int) -> Path | None:
        """Return the path of image i, or None if it is in memory."""
        image = self._images[i]
        return None if isinstance(image, np.ndarray) else image

    def image_name(self, i: int) -> str:
        """Return the name of the file of image i, or "image 3" for one in memory."""
        path = self.image_path(i)
        return f"image {i}" if path is None else path.name


def with_progress_bar(items, text: str):
    """Return an iterator over a sequence of images; on a terminal a bar shows once it has taken a few seconds."""
    return tqdm(items, desc=text, unit=" images", delay=BAR_DELAY, leave=False, disable=None)


def _size(image):
    return image.shape[1::-1] if isinstance(image, np.ndarray) else image_size(image)
