"""What is odd in a VOC annotation and does no harm: things that are missing and assumed, or there and passed over."""

from pathlib import Path

from numpyssd.datasets.issues import Issue, shortened
from numpyssd.datasets.voc.annotation import CORNERS, TRUE, parse, text_of
from numpyssd.datasets.voc.outlines import outline_corners
from numpyssd.files import to_float

MARKS = (*TRUE, "0", "false", "no")


def annotation_warnings(path: Path) -> list[Issue]:
    """Return the warnings about an XML file that ``read_annotation`` reads."""
    root, found = parse(path), []

    def warn(sentence, effect, objects=None):
        found.append(Issue(str(path), f"{sentence}{_numbers(objects)}", effect, is_warning=True))

    if not text_of(root, "filename"):
        warn("no <filename>", "the image is found by the name of the XML file")
    if to_float(root.findtext("size/width")) is None or to_float(root.findtext("size/height")) is None:
        warn("no <size>", "the image's own size is taken, and none compared with it")
    objects = list(enumerate(root.findall("object")))
    missing = [n for n, element in objects if not text_of(element, "difficult")]
    if missing:
        warn("no <difficult>", "taken for 0", missing)
    for tag in ("difficult", "truncated"):
        odd = [(n, text_of(element, tag)) for n, element in objects if text_of(element, tag)]
        odd = [(n, text) for n, text in odd if text.lower() not in MARKS]
        for text in sorted({text for _, text in odd}):
            warn(f"<{tag}> is {shortened(text)!r}", "taken for 0", [n for n, its_text in odd if its_text == text])
    parts = [n for n, element in objects if element.find("part") is not None]
    if parts:
        warn("<part>s with boxes of their own", "they are no objects and are passed over", parts)
    outlined = [n for n, element in objects if element.find("bndbox") is None and outline_corners(element)]
    if outlined:
        warn("an outline and no <bndbox>", "the box around the outline is taken", outlined)
    turned = [n for n, element in objects if _rotation(element)]
    if turned:
        warn("boxes that are turned", "they are taken as if they were upright", turned)
    broken = [n for n, element in objects if any(_is_fraction(element, name) for name in CORNERS)]
    if broken:
        warn("corners that are no whole pixels", "they are taken as they are", broken)
    return found


def _is_fraction(element, name):
    value = to_float(element.findtext(f"bndbox/{name}"))
    return value is not None and value != int(value)


def _rotation(element):
    """Return the angle that CVAT writes beside a box that was turned: an <attribute> named rotation."""
    pairs = ((text_of(one, "name"), text_of(one, "value")) for one in element.iterfind("attributes/attribute"))
    return to_float(dict(pairs).get("rotation"))


def _numbers(objects):
    if objects is None:
        return ""
    plural = "s" if len(objects) > 1 else ""
    return f", object{plural} {', '.join(map(str, objects))} (counted from 0)"
