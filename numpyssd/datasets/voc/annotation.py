"""Read one annotation of the VOC kind: the XML as it stands, and what is wrong with its boxes."""

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from numpyssd.datasets.box_checks import FRACTIONS, VOC, are_fractions, cut_to_image, hint
from numpyssd.datasets.issues import shortened
from numpyssd.datasets.voc.outlines import outline_corners
from numpyssd.errors import InputError, refuse_pipe
from numpyssd.files import to_float

MAX_BYTES = 10_000_000  # bytes; an honest annotation has a few thousand
TRUE = ("1", "true", "yes")  # what tools write for a mark that is set
CORNERS = ("xmin", "ymin", "xmax", "ymax")


class OtherXMLError(InputError):
    """Said of a sound XML file that is no annotation of VOC's kind, such as a project file of an editor."""


class Object(NamedTuple):
    """One <object>: its name, the four texts of its box (None where missing; one text if it has several), two marks."""

    name: str
    corners: tuple
    difficult: bool
    truncated: bool


class XMLAnnotation(NamedTuple):
    """What an XML file says, unchecked: the <filename>, (width, height) or None, and its objects."""

    file_name: str
    size: tuple | None
    objects: list[Object]


def read_annotation(path: Path | str) -> XMLAnnotation:
    """Return the XMLAnnotation in a VOC XML file; a missing <difficult> or <truncated> means 0. Raises as ``parse``."""
    root = parse(path)
    size = to_float(root.findtext("size/width")), to_float(root.findtext("size/height"))
    return XMLAnnotation(
        text_of(root, "filename"),
        size if None not in size and min(size) > 0 else None,  # some tools write 0 for "not known"
        [_object(element) for element in root.findall("object")],  # only of the top level: a person has <part>s inside
    )


def parse(path: Path | str) -> ElementTree.Element:
    """Return the outermost element of a VOC XML file.

    Raises InputError, with the line, for a file that is missing, too large, no XML or no VOC annotation. Files with a
    document type or entities are refused: no annotation needs them, and an entity can grow without bounds.
    """
    path = Path(path)
    try:
        refuse_pipe(path)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        remedy = "add it, or --missing-labels negative takes images without an XML file for images without objects"
        raise InputError(f"{path} does not exist; {remedy}") from None
    except OSError as reason:
        raise InputError(f"{path} cannot be read ({reason.strerror}); check the file") from None
    except InputError:
        raise
    except ValueError as reason:  # a name with a NUL in it
        raise InputError(f"{str(path)!r} cannot be read ({reason}); check the name") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} has more than {MAX_BYTES} bytes and is refused; is it an annotation?")
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
        raise InputError(f"{path}, line {line}: the XML is broken ({what}); fix or export it again") from None
    except (ValueError, LookupError) as reason:  # an encoding that the parser does not know
        raise InputError(f"{path}, line 1: the XML cannot be read ({reason}); save it in UTF-8") from None
    if root.tag != "annotation":
        tag = shortened(root.tag)
        hint = "; this is CVAT's own format: export as PASCAL VOC or COCO" if tag == "annotations" else ""
        raise OtherXMLError(f"{path} is no VOC annotation: its outermost element is <{tag}>, not <annotation>{hint}")
    return root


def _object(element):
    boxes = element.findall("bndbox")
    if len(boxes) > 1:
        corners = (f"{len(boxes)} boxes",)
    elif boxes:
        corners = tuple(boxes[0].findtext(name) for name in CORNERS)
    else:
        corners = outline_corners(element) or (None,) * 4
    difficult, truncated = (text_of(element, tag).lower() in TRUE for tag in ("difficult", "truncated"))
    return Object(text_of(element, "name"), corners, difficult, truncated)


def text_of(element: ElementTree.Element, tag: str) -> str:
    """Return the text of an element's child, without blanks around it; of a missing one an empty text."""
    return (element.findtext(tag) or "").strip()


def check_box(corners: tuple, width: int, height: int):
    """Turn the four texts of a <bndbox> into a box on an image of width x height pixels.

    Returns ((x1, y1, x2, y2) in pixels inside the image, or None if the box is useless; the corners as written;
    and a sentence that says what is wrong, or None). VOC counts pixels from 1 and includes the last one, so (xmin,
    ymin, xmax, ymax) becomes (xmin - 1, ymin - 1, xmax, ymax).
    """
    if len(corners) != 4:
        return None, corners, "an object has one <bndbox>; make an <object> of each"
    values = tuple(to_float(text) for text in corners)
    numbers = tuple(int(v) if v is not None and v == int(v) and abs(v) < 1e15 else v for v in values)
    written = tuple(shortened(text or "") or "nothing" if v is None else v for v, text in zip(numbers, corners))
    if None in values:
        return None, written, "a corner is missing or not a number"
    xmin, ymin, xmax, ymax = values
    if are_fractions(values):
        return None, written, FRACTIONS
    if xmax < xmin or ymax < ymin:
        other = hint(values, VOC, width, height)
        return None, written, f"the box is inverted (a maximum below its minimum){other}"
    if xmax == xmin or ymax == ymin:
        return None, written, "the box has zero size"
    box = xmin - 1, ymin - 1, xmax, ymax
    inside, sentence = cut_to_image(box, width, height)
    return inside, written, sentence and sentence + hint(values, VOC, width, height, box, inside)
