"""The inputs of a command: which images it was given, and the names of its outputs, so that nothing is overwritten."""

import contextlib
import glob
import os
import sys
from pathlib import Path

from numpyssd.errors import InputError
from numpyssd.images.extensions import READABLE, UNREADABLE

WEIGHTS_HELP = "a file, such as best.npz of a training run, or a name: tiny, or one of numpyssd weights --list"


# Videos by the names of their files; a file whose content is one is told by images/kinds.py.
VIDEOS = (
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".mts", ".m2ts", ".ts",
    ".ogv", ".mjpeg", ".mjpg", ".vob", ".h264", ".hevc",
)  # fmt: skip


def find_inputs(inputs, recursive=False, leave_out=None) -> tuple[list[Path], list[str], list[InputError]]:
    """Return the images, the videos and cameras, and the errors of inputs; see find_images for the first and the last.

    Says so on standard error if a folder holds videos, which are left out.
    """
    cameras = [item for item in inputs if is_camera(item)]
    files = [item for item in inputs if not is_camera(item)]
    found, errors = find_images(files, recursive, leave_out)
    left_out = []
    for folder in (folder for item in files for folder in _folders(item)):
        with contextlib.suppress(OSError):  # which find_images has among the errors
            left_out += [path for path in _files(folder, recursive, leave_out) if is_video(path) and path not in found]
    if left_out and found:
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        print(f"note: videos in a folder are left out, here {left_out[0]}{more}; name each by itself", file=sys.stderr)
    videos = [str(path) for path in found if is_video(path)]
    return [path for path in found if not is_video(path)], videos + cameras, errors


def find_images(inputs, recursive=False, leave_out=None) -> tuple[list[Path], list[InputError]]:
    """Return the paths of the images that ``inputs``, files and folders, name, and the errors of the other inputs.

    - A file is taken whatever its name is, and so may be a video.
    - Of a folder the images in it are taken (by extension, in upper or lower case), sorted by name; with ``recursive``
      also those of the folders in it, but for the folder ``leave_out``. Videos in it are not taken.
    - A pattern that the shell has left as it is (as Windows' does, or in quotes) is expanded here.
    - An image that is named twice is taken once.
    - Images of formats that cannot be read, and broken links, are among the paths, so that they are named as errors.
    """
    images, errors = [], []
    for item in inputs:
        try:
            for path in _expanded(str(item)):
                images += _in_folder(path, recursive, leave_out) if path.is_dir() else [_file(path)]
        except InputError as reason:
            errors.append(reason)
        except OSError as reason:
            errors.append(InputError(f"{item} cannot be read ({reason.strerror}); check its name and permissions"))
    unique = {os.path.abspath(image): image for image in reversed(images)}
    return list(reversed(unique.values())), errors


def is_video(path: Path) -> bool:
    """Return whether a file is a video by its name."""
    return path.suffix.lower() in VIDEOS


def is_camera(text: str) -> bool:
    """Return whether an input is meant as a camera: camera:0."""
    return text.lower().startswith("camera:")


def names_below(inputs, images: list[Path]) -> dict[Path, Path]:
    """Return the path of each image below the input folder that holds it, or its name alone."""
    folders = [path for item in inputs for path in _folders(str(item))]
    names = {}
    for image in images:
        inside = next((folder for folder in folders if image.is_relative_to(folder)), image.parent)
        names[image] = image.relative_to(inside)
    return names


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


def make_folder(path: Path | str, option: str = "--out") -> Path:
    """Make the folder that an option names, with its parents, and return its Path. Raises InputError if that fails."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise InputError(
            f"{path} cannot be made a folder ({reason.strerror}); choose another one with {option}"
        ) from None
    return Path(path)


def _expanded(item: str) -> list[Path]:
    """Return the paths that an input names: itself, or what its pattern matches. Raises InputError if that is none."""
    if "://" in item:
        raise InputError(f"{item} is an address, and nothing is fetched from there; download it, and name the file")
    if os.path.lexists(item) or not glob.has_magic(item):
        return [Path(item)]
    found = sorted(glob.glob(item, recursive=True))
    if not found:
        raise InputError(f"{item} matches no file; check the folder and the ending, capitals too, or name the folder")
    return list(map(Path, found))


def _folders(item):
    with contextlib.suppress(InputError):
        return [path for path in _expanded(item) if path.is_dir()]
    return []


def _file(path):
    if not path.exists():
        raise InputError(f"{path} does not exist; name an image, or a folder of images")
    return path


def _in_folder(folder, recursive, leave_out):
    found = [path for path in _files(folder, recursive, leave_out) if path.suffix.lower() in READABLE + UNREADABLE]
    if not found:
        endings = f".jpg, .png, .tif and {len(READABLE) - 3} other endings"
        raise InputError(f"{folder} holds no images (looked for {endings}); {_instead(folder, recursive, leave_out)}")
    return found


def _files(folder, recursive, leave_out=None):
    """Return the files in a folder, and with ``recursive`` those of the folders in it, sorted; no hidden ones."""
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    found = [path for path in entries if not path.is_dir()]
    for path in entries:
        out = leave_out is not None and path.resolve() == Path(leave_out).resolve()
        if recursive and path.is_dir() and not path.is_symlink() and not out:
            found += _files(path, recursive, leave_out)
    return found


def _instead(folder, recursive, leave_out):
    """Return what to do with a folder without images, from what else it holds."""
    videos = [path for path in _files(folder, recursive, leave_out) if is_video(path)]
    if videos:
        return f"of videos each is named by itself, such as {videos[0]}"
    deeper = [path for path in _files(folder, True, leave_out) if path.suffix.lower() in READABLE]
    if deeper and not recursive:
        return f"folders in it hold {len(deeper)}, such as {deeper[0]}: add --recursive"
    return "name the folder that does"
