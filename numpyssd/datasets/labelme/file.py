"""Read a JSON file of LabelMe: the path of its image, and its shapes as they stand.

The keys are those of labelme/_label_file.py (https://github.com/wkentaro/labelme): shapes with label, points,
shape_type and group_id; imagePath, counted from the JSON file; imageData, the image itself in base64 or null;
imageWidth and imageHeight, of the image as a viewer shows it.
"""

from pathlib import Path
from typing import NamedTuple

from numpyssd.errors import InputError, refuse_pipe
from numpyssd.json_files import is_number, parsed


class LabelMeFile(NamedTuple):
    """What a file says: the image's path with "/" between, (width, height) or None, and the shapes, dictionaries."""

    image_path: str
    size: tuple | None
    shapes: list[dict]
    has_image_data: bool


def read_labelme(path: Path) -> LabelMeFile:
    """Return the LabelMeFile at path. Raises InputError for a file that is no JSON, or not LabelMe's."""
    content = parsed(_text(path), path, "save it again in LabelMe")
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise InputError(f"{path} is no file of LabelMe: it has no list 'shapes'; take it out of the folder")
    if not all(isinstance(shape, dict) for shape in content["shapes"]):
        raise InputError(f"{path} is no file of LabelMe: its 'shapes' must be dictionaries; save it again in LabelMe")
    size = content.get("imageWidth"), content.get("imageHeight")
    known = all(is_number(side) and side > 0 for side in size)
    image_path = content.get("imagePath")
    image_path = image_path.replace("\\", "/") if isinstance(image_path, str) else ""
    return LabelMeFile(image_path, size if known else None, content["shapes"], bool(content.get("imageData")))


def _text(path):
    try:
        refuse_pipe(path)
        return path.read_text(encoding="utf-8-sig")
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; save it again in that encoding") from None
