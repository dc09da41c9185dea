"""VOC's XML files beside their images, as LabelImg saves them, or in a folder of their own: no JPEGImages, no lists.

LabelImg (https://github.com/HumanSignal/labelImg) saves a.xml beside a.jpg. Roboflow's "Pascal VOC XML" has such a
folder for each split (https://openvinotoolkit.github.io/datumaro/latest/docs/data-formats/formats/roboflow.html).
"""

from functools import cached_property
from pathlib import Path

from numpyssd.datasets.folders.split_folders import (
    files_below,
    inner_folder,
    places_of,
    split_folders,
    without_halves,
)
from numpyssd.datasets.voc.dataset import VOCDataset
from numpyssd.datasets.voc.files import SUFFIXES, plain_name, stem_of
from numpyssd.datasets.voc.names import names_of_objects
from numpyssd.errors import InputError


class FoldersBeside:
    """What ``Folders`` is for a folder of VOC, for XML files and images that lie anywhere below root.

    A stem is a path from root without its ending and without folders such as images and annotations, so that an image
    and its XML file have the same one: train/images/a.jpg and train/annotations/a.xml have the stem train/a.
    """

    def __init__(self, root: Path | str):
        self.root = self.annotations = self.images = inner_folder(Path(root))
        self.splits = split_folders(self.root)

    @cached_property
    def xml_names(self) -> dict[str, str]:
        """Return the names of the XML files, counted from root, by the plain form of stem and ending."""
        return self._named(files_below(self.root, (".xml",)))

    @cached_property
    def image_names(self) -> dict[str, str]:
        """Return the names of the images, as ``xml_names`` does; of two with the same stem that in images."""
        return self._named(files_below(self.root, SUFFIXES))

    def stem(self, name: str) -> str:
        """Return the stem of one of these names."""
        return stem_of(without_halves(Path(name)))

    def _named(self, paths):
        names = (path.relative_to(self.root) for path in paths)
        return {plain_name(without_halves(name)): name.as_posix() for name in names}


class XMLBeside(VOCDataset):
    """The images of one split, or of the whole folder (None), as ``VOCDataset``; the classes are those found, sorted.

    An image without an XML file is not labeled yet, since LabelImg writes one for each image that it saves; it is left
    out with a warning, unless ``missing_labels`` is "negative".
    """

    def _open(self, root):
        return FoldersBeside(root)

    def _stems(self):
        folders = self._folders
        chosen = places_of(folders.splits, self.split, self.root)
        every = {**folders.image_names, **folders.xml_names}
        stems = {stem_of(plain): folders.stem(name) for plain, name in every.items()}
        if chosen:
            inside = [name for name in every.values() if set((self.root / name).parents) & set(chosen)]
            wanted = {plain_name(folders.stem(name)) for name in inside}
            stems = {plain: stem for plain, stem in stems.items() if plain in wanted}
        if not stems:
            raise InputError(f"{self.root} has no image and no XML file; add them")
        return sorted(stems.values(), key=plain_name), False

    def _find_names(self, parsed):
        names = names_of_objects(self._folders, parsed, self.issues)
        if not names:
            raise InputError(f"{self.root}: no XML file there has an object, so there is no class to learn; label some")
        return tuple(sorted(names))
