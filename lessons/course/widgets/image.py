"""Images in widgets: made pale, so that marks stand out, and packed into the page."""

import base64
import io

SMALL = 160  # pixels: an image with a shorter side is shown pixel by pixel


def pale(image, times=3):
    """Return an image (H, W, 3) so many times nearer to white, so that what is drawn over it stands out."""
    return 255 - (255 - image) // times


def is_small(image):
    """Return whether an image (H, W, 3) is so small that its pixels are to be seen, and not smoothed away."""
    return min(image.shape[:2]) < SMALL


def data_address(image):
    """Return an image (H, W, 3) uint8 as a data: address, as it is if it is small; of others a JPEG is the smallest."""
    from PIL import Image

    file = io.BytesIO()
    if is_small(image):
        Image.fromarray(image).save(file, "PNG", optimize=True)
    else:
        Image.fromarray(image).save(file, "JPEG", quality=75, optimize=True)
    kind = "png" if is_small(image) else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode("ascii")
