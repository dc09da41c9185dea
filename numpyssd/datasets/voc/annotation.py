"""Read one annotation of the VOC kind: the XML as it stands, and what is wrong with its boxes."""

from collections import namedtuple
from math import isfinite
from pathlib import Path
from xml.etree import ElementTree

from numpyssd.datasets.box_order import ROUNDING, SHARES, VOC, are_shares, hint
from numpyssd.datasets.issues import shortened
from numpyssd.errors import InputError, refuse_pipe

LARGEST_FILE = 10_000_000  # bytes; an honest annotation has a few thousand
CORNERS = ("xmin", "ymin", "xmax", "ymax")

Annotation = namedtuple("Annotation", "file_name size objects")  # size: (width, height) as the XML says, or None
Object = namedtuple("Object", "name corners difficult truncated")  # corners: the four texts, None where missing


def read_annotation(path):
    """Return the Annotation in a VOC XML file; a missing <difficult> or <truncated> means 0. Raises as ``parse``."""
    root = parse(path)
    size = number(root.findtext("size/width")), number(root.findtext("size/height"))
    return Annotation(
        text_of(root, "filename"),
        size if None not in size and min(size) > 0 else None,  # some tools write 0 for "not known"
        [_object(element) for element in root.findall("object")],  # only of the top level: a person has <part>s inside
    )


def parse(path):
    """Return the outermost element of a VOC XML file.

    Raises InputError, with the line, for a file that is missing, too large, no XML or no VOC annotation. Files with a
    document type or entities are refused: no annotation needs them, and an entity can grow without bounds.
    """
    path = Path(path)
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; every image of a split needs an annotation") from None
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except InputError:
        raise
    except ValueError as reason:  # a name with a NUL in it
        raise InputError(f"{str(path)!r} cannot be read ({reason}); check the name") from None
    if len(content) > LARGEST_FILE:
        raise InputError(f"{path} has more than {LARGEST_FILE} bytes and is refused; is it an annotation?")
    if b"\0" in content:
        raise InputError(f"{path} is not text in UTF-8 (it holds NUL bytes); save it again in that encoding")
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY"):
        if forbidden in content:
            line = content[: content.index(forbidden)].count(b"\n") + 1
            raise InputError(f"{path}, line {line}: {forbidden.decode()} is refused; remove the document type")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as reason:
        what, line = str(reason).split(":")[0], reason.position[0]
        raise InputError(f"{path}, line {line}: the XML is broken ({what}); mend or export it again") from None
    except (ValueError, LookupError) as reason:  # an encoding that the parser does not know
        raise InputError(f"{path}, line 1: the XML cannot be read ({reason}); save it in UTF-8") from None
    if root.tag != "annotation":
        tag = shortened(root.tag)
        raise InputError(f"{path} is no VOC annotation: its outermost element is <{tag}>, not <annotation>")
    return root


def _object(element):
    box = element.find("bndbox")
    corners = (None,) * 4 if box is None else tuple(box.findtext(name) for name in CORNERS)
    difficult, truncated = (text_of(element, tag).lower() in ("1", "true") for tag in ("difficult", "truncated"))
    return Object(text_of(element, "name"), corners, difficult, truncated)


def text_of(element, tag):
    """Return the text of an element's child, without blanks around it; of a missing one an empty text."""
    return (element.findtext(tag) or "").strip()


def number(text):
    """Return the finite number that a text holds, or None."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if isfinite(value) and "_" not in text else None  # Python would read 1_0 as 10


def check_box(corners, width, height):
    """Turn the four texts of a <bndbox> into a box on an image of width x height pixels.

    Returns ((x1, y1, x2, y2) in pixels inside the image, or None if the box is useless; the corners as written;
    and a sentence that says what is wrong, or None). VOC counts pixels from 1 and includes the last one, so (xmin,
    ymin, xmax, ymax) becomes (xmin - 1, ymin - 1, xmax, ymax).
    """
    values = [number(text) for text in corners]
    written = tuple(int(v) if v is not None and v == int(v) and abs(v) < 1e15 else v for v in values)
    written = tuple(shortened(text or "") or "nothing" if v is None else v for v, text in zip(written, corners))
    if None in values:
        return None, written, "a corner is missing or not a number"
    xmin, ymin, xmax, ymax = values
    if are_shares(values):
        return None, written, SHARES
    if xmax < xmin or ymax < ymin:
        other = hint(values, VOC, width, height)
        return None, written, f"the box is inverted (a maximum below its minimum){other}"
    if xmax == xmin or ymax == ymin:
        return None, written, "the box has zero size"
    box = xmin - 1, ymin - 1, xmax, ymax
    inside, sentence = cut_to_image(box, width, height)
    return inside, written, sentence and sentence + hint(values, VOC, width, height, box, inside)


def cut_to_image(box, width, height):
    """Cut a box (x1, y1, x2, y2) of some size at the edges of an image of width x height pixels.

    Returns the box inside the image, or None if nothing of it is; and a sentence that says what is wrong, or None.
    """
    x1, y1, x2, y2 = box
    inside = max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height))
    if inside[2] <= inside[0] or inside[3] <= inside[1]:
        return None, f"the box lies outside the image of {width} x {height} pixels"
    over = max(-x1, -y1, x2 - width, y2 - height)
    if over > ROUNDING:
        return inside, f"the box reaches {over:g} pixels out of the image of {width} x {height}"
    return inside, None
