"""Random changes of colour: brightness, contrast, saturation and hue (section 2.2, "Data augmentation").

The paper only says "photo-metric distortions"; the numbers are those of Caffe's ssd_pascal.py. The arithmetic stays in
uint8 and saturates at 0 and 255 after every step, as a camera does, so that each step is a table of 256 entries.
"""

import numpy as np
from PIL import Image

LEVELS = np.arange(256)
TURN = 255  # Pillow's HSV writes 255, not 256, for a full turn: steps of 1.4 degrees (OpenCV: 180 steps of 2)


def check_image(image):
    """Return the image as an array, or raise ValueError unless it is uint8, (H, W, 3), with at least one pixel."""
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must be uint8 with the shape (H, W, 3), but is {image.dtype} with {image.shape}")
    return image


def saturate(levels):
    """Round to the nearest of 0 ... 255; what lies beyond becomes 0 or 255."""
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def distort(image, brightness=0.0, contrast=1.0, saturation=1.0, hue=0.0, contrast_last=False):
    """Change the colours of an image (H, W, 3) uint8 by given amounts and return a new one of the same shape.

    brightness is added to red, green and blue; contrast multiplies them (about 0, so that it changes the brightness
    too); saturation multiplies the S of HSV; hue turns its H by so many degrees. Brightness comes first; contrast is
    next, or last.

    Hue is an angle and wraps round. Caffe adds to OpenCV's uint8 hue: beyond 360 degrees its way back to RGB wraps as
    well, but below 0 the sum saturates, so that reds and oranges all fall on the same pure red. That is an accident
    of the number's type; it wipes out differences that the picture had, and we leave it out, as ChainerCV does.
    """
    picture = Image.fromarray(check_image(image))
    levels = saturate(LEVELS + brightness)
    if not contrast_last:
        levels = saturate(levels * contrast)
    picture = _look_up(picture, levels, levels, levels)
    if saturation != 1 or hue != 0:
        # Saturation and hue are neighbours in both orders: one way to HSV and back serves both.
        turned = (LEVELS + round(hue / 360 * TURN)) % TURN
        picture = _look_up(picture.convert("HSV"), turned, saturate(LEVELS * saturation), LEVELS).convert("RGB")
    if contrast_last:
        picture = _look_up(picture, *[saturate(LEVELS * contrast)] * 3)
    return np.array(picture)


def _look_up(picture, *tables):
    return picture.point(np.concatenate(tables).tolist())  # Pillow wants Python's own numbers


def photometric_distort(
    image, rng, probability=0.5, max_brightness=32.0, contrast=(0.5, 1.5), saturation=(0.5, 1.5), max_hue=36.0
):
    """Change brightness, contrast, saturation and hue at random, each with the given probability.

    image (H, W, 3) uint8, left as it is; returns a new one. A coin decides whether contrast comes before or after
    saturation and hue. Caffe: ssd_pascal.py, where hue_delta 18 counts OpenCV's steps of 2 degrees and therefore means
    36 degrees; several ports turn by 18 degrees only, and also exchange the channels, which Caffe's recipe does not.
    """
    amounts = {}
    if rng.random() < probability:
        amounts["brightness"] = rng.uniform(-max_brightness, max_brightness)
    if rng.random() < probability:
        amounts["contrast"] = rng.uniform(*contrast)
    if rng.random() < probability:
        amounts["saturation"] = rng.uniform(*saturation)
    if rng.random() < probability:
        amounts["hue"] = rng.uniform(-max_hue, max_hue)
    return distort(image, **amounts, contrast_last=rng.random() < 0.5)


# ----------------------------------------------------------------------------------------------------------------------


def draw_photometric(ax, image):
    """Draw the range of each of the four changes, one row each, from its smallest to its largest amount."""
    rows = {
        "brightness": (-32, -16, 0, 16, 32),
        "contrast": (0.5, 0.75, 1, 1.25, 1.5),
        "saturation": (0.5, 0.75, 1, 1.25, 1.5),
        "hue": (-36, -18, 0, 18, 36),
    }
    height, width, gap = *image.shape[:2], image.shape[0] // 5
    for row, (name, amounts) in enumerate(rows.items()):
        top = row * (height + gap)
        ax.text(-gap / 2, top + height / 2, name, ha="right", va="center", fontsize=11)
        for column, amount in enumerate(amounts):
            left = column * (width + gap // 4)
            ax.imshow(distort(image, **{name: amount}), extent=(left, left + width, top + height, top))
            text = {"brightness": f"{amount:+}", "hue": f"{amount:+}°"}.get(name, f"× {amount}")
            text = "as it was" if column == 2 else text
            ax.text(left + width / 2, top + height * 1.02, text, ha="center", va="top", fontsize=9)
    ax.set_xlim(-0.75 * width, left + width)
    ax.set_ylim(top + height * 1.12, 0)
    ax.axis("off")
    ax.set_title("Colours vary, boxes stay: each change is made with probability ½,\nby an amount drawn from its row")


if __name__ == "__main__":
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import picture

    picture(lambda ax: draw_photometric(ax, example()[0]), size=(8.4, 7.2))
