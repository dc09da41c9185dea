"""The inputs of a command: which images it was given, and the names of its outputs, so that nothing is overwritten."""

import os
from pathlib import Path

from numpyssd.errors import InputError

WEIGHTS_HELP = "a file, such as best.npz of a training run, or the name of built-in weights: tiny"
EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".avif")
# Images of formats that cannot be read. They are tried all the same, so that none is left out in silence.
UNREADABLE = (
    ".heic", ".heif", ".jxl", ".svg", ".psd", ".eps", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf",
)  # fmt: skip


def find_images(inputs) -> tuple[list[Path], list[InputError]]:
    """Return the paths of the images that ``inputs``, files and folders, name, and the errors of the other inputs.

    - A file is taken whatever its name is.
    - Of a folder the images in it are taken (by extension, in upper or lower case), sorted by name; folders in it are
      not searched.
    - An image that is named twice is taken once.
    - Images of formats that cannot be read, and broken links, are among the paths, so that they are named as errors.
    """
    images, errors = [], []
    for item in map(Path, inputs):
        try:
            images += _in_folder(item) if item.is_dir() else [_file(item)]
        except InputError as reason:
            errors.append(reason)
        except OSError as reason:
            errors.append(InputError(f"{item} cannot be read ({reason.strerror}); check its name and permissions"))
    unique = {os.path.abspath(image): image for image in reversed(images)}
    return list(reversed(unique.values())), errors


def output_names(images: list[Path], out: Path | str, suffixes=(".png",)) -> list[str]:
    """Return the name of the output of each image, without its suffix, so that no file is overwritten.

    It is the name of the image without its extension. If another output has that name, or an image that itself lies in
    the folder ``out``, a number is added. Names that differ only in upper and lower case count as equal, as on the file
    systems of Windows and macOS.
    """
    names, folder = [], Path(out).resolve()
    taken = {image.name.lower() for image in images if image.resolve().parent == folder}
    for image in images:
        number, name = 1, image.stem
        while any((name + suffix).lower() in taken for suffix in suffixes):
            number += 1
            name = f"{image.stem}-{number}"
        taken.update((name + suffix).lower() for suffix in suffixes)
        names.append(name)
    return names


def make_folder(path: Path | str) -> Path:
    """Make a folder for results, with its parents, and return its Path. Raises InputError if that fails."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise InputError(f"{path} cannot be made a folder ({reason.strerror}); choose another one with --out") from None
    return Path(path)


def _file(path):
    if not path.exists():
        raise InputError(f"{path} does not exist; name an image, or a folder of images")
    return path


def _in_folder(folder):
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in EXTENSIONS + UNREADABLE and not path.name.startswith(".") and not path.is_dir()
    ]
    if not found:
        raise InputError(
            f"{folder} holds no images (looked for {', '.join(EXTENSIONS)}); folders in it are not searched"
        )
    return found
