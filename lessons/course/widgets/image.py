"""Images in widgets: made pale, so that marks stand out, and packed into the page."""

import base64
import io


def pale(image):
    """Return an image (H, W, 3) nearly white, so that what is drawn over it stands out."""
    return 255 - (255 - image) // 3


def data_address(image):
    """Return an image (H, W, 3) uint8 as a data: address of a JPEG, the smallest; marks are drawn over it."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=75, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
