"""``export --html``: a detector as one HTML page."""

from pathlib import Path

from numpyssd.browser.network import describe
from numpyssd.browser.page import detector_page
from numpyssd.files import write_output

STORAGE = {16: "float16", 8: "int8"}


def write_page(model, weights: Path | str, path: Path | str, bits=16):
    """Write the page of an SSD and print what it is.

    weights: where they came from; bits: of a weight, one of STORAGE. Raises InputError.
    """
    description, packed = describe(model, weights, STORAGE[bits])
    content = detector_page(description, packed).encode()
    write_output(path, content, "detector.html")
    classes = "1 class" if len(model.class_names) == 1 else f"{len(model.class_names)} classes"
    print(f"{path}: {len(content) / 1e6:.1f} MB, {model.config.name}, {classes}; open it in a browser")
