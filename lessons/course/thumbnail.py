"""A lesson's own first figure, small, as data of a page."""

import base64
import io
from html import escape

SIDE = 400  # pixels: twice what a card is wide, for sharp screens
WIDEST = 3.2  # of a figure, width to height; what is beyond is cut off at the right
COLORS = 48


def thumbnail(notebook):
    """Return the first figure of a notebook as an <img>, or "" if it has none."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                alt = "".join(output["data"]["text/plain"])
                content = base64.b64decode("".join(output["data"]["image/png"]))
                return f'<img alt="{escape(alt)}" src="{_address(content)}">'
    return ""


def _address(png):
    from PIL import Image

    image = _without_margin(Image.open(io.BytesIO(png)).convert("RGB"))
    width, height = image.size
    image = image.crop((0, 0, min(width, round(WIDEST * height)), min(height, width)))
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    drawing, photograph = io.BytesIO(), io.BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(drawing, "PNG", optimize=True)
    image.save(photograph, "JPEG", quality=70, optimize=True)
    kind, file = min(("png", drawing), ("jpeg", photograph), key=lambda each: each[1].getbuffer().nbytes)
    return f"data:image/{kind};base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _without_margin(image):
    """Return an image without the white around what is drawn."""
    from PIL import Image, ImageChops

    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    return image.crop(box) if box else image
