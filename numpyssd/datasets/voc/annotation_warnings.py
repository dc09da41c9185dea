"""What is odd in a VOC annotation and does no harm: things that are missing and assumed, or there and passed over."""

from numpyssd.datasets.issues import Problem, shortened
from numpyssd.datasets.voc.annotation import CORNERS, number, parse, text_of

MARKS = ("0", "1", "false", "true")


def remarks(path):
    """Return the harmless Problems of an XML file that ``read_annotation`` reads."""
    root, found = parse(path), []

    def note(sentence, effect, objects=None):
        found.append(Problem(str(path), None, None, f"{sentence}{_numbers(objects)}", effect, True))

    if not text_of(root, "filename"):
        note("no <filename>", "the image is found by the name of the XML file")
    if number(root.findtext("size/width")) is None or number(root.findtext("size/height")) is None:
        note("no <size>", "the image's own size is taken, and none compared with it")
    objects = list(enumerate(root.findall("object")))
    missing = [n for n, element in objects if not text_of(element, "difficult")]
    if missing:
        note("no <difficult>", "taken for 0", missing)
    for tag in ("difficult", "truncated"):
        odd = [(n, text_of(element, tag)) for n, element in objects if text_of(element, tag)]
        odd = [(n, text) for n, text in odd if text.lower() not in MARKS]
        for text in sorted({text for _, text in odd}):
            note(f"<{tag}> is {shortened(text)!r}", "taken for 0", [n for n, its_text in odd if its_text == text])
    parts = [n for n, element in objects if element.find("part") is not None]
    if parts:
        note("<part>s with boxes of their own", "they are no objects and are passed over", parts)
    broken = [n for n, element in objects if any(_is_fraction(element, name) for name in CORNERS)]
    if broken:
        note("corners that are no whole pixels", "they are taken as they are", broken)
    return found


def _is_fraction(element, name):
    value = number(element.findtext(f"bndbox/{name}"))
    return value is not None and value != int(value)


def _numbers(objects):
    if objects is None:
        return ""
    plural = "s" if len(objects) > 1 else ""
    return f", object{plural} {', '.join(map(str, objects))} (counted from 0)"
