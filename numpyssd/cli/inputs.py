"""Which pictures a command was given, and where what is drawn of each goes, without anything being overwritten."""

import os
from pathlib import Path

from numpyssd.errors import InputError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".avif")
# Pictures too, but of kinds that cannot be read: tried all the same, so that none is passed over in silence.
UNREADABLE = (
    ".heic", ".heif", ".jxl", ".svg", ".psd", ".eps", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf",
)  # fmt: skip


def find_images(inputs):
    """Return the pictures that ``inputs``, files and folders, stand for, and the errors of those that stand for none.

    A file is taken whatever it is called; of a folder the pictures in it (by extension, capital or not), sorted by
    name, and none of the folders in it. A picture named twice is taken once. Pictures of a kind that cannot be read,
    and links that lead nowhere, are among them, so that they are named when they fail.
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


def output_names(images, out, suffixes=(".png",)):
    """Return a name without its suffix for what is drawn of each picture, so that nothing overwrites anything.

    It is the name of the picture without its extension, or else with a number after it, if another output or one of
    the pictures themselves, where they lie in the folder ``out``, is called that. Capitals do not tell names apart, as
    on the file systems of Windows and macOS.
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


def make_folder(path):
    """Make a folder for results, with its parents, and return its Path. Raises InputError if that can't be done."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise InputError(f"{path} cannot be made a folder ({reason.strerror}); choose another one with --out") from None
    return Path(path)


def _file(path):
    if not path.exists():
        raise InputError(f"{path} does not exist; name a picture, or a folder with pictures")
    return path


def _in_folder(folder):
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in EXTENSIONS + UNREADABLE and not path.name.startswith(".") and not path.is_dir()
    ]
    if not found:
        raise InputError(
            f"{folder} holds no pictures (looked for {', '.join(EXTENSIONS)}); folders in it are not searched"
        )
    return found
