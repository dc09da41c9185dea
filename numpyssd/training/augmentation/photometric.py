"""Random changes of color: brightness, contrast, saturation and hue (section 2.2, "Data augmentation").

The paper only says "photo-metric distortions"; the numbers are those of Caffe's ssd_pascal.py. The arithmetic stays in
uint8 and saturates at 0 and 255 after every step, as a camera does and as Caffe does, so that each step is a table of
256 entries. Each pixel is changed by itself: where in an image it lies does not matter.

Hue and saturation go by Pillow's HSV, once for both. Caffe goes there and back by OpenCV's for each: on random colors
that comes out 0.6 of 255 levels away on average.
"""

import numpy as np
from PIL import Image

from numpyssd.images.resize import check_image

LEVELS = np.arange(256)
TURN = 255  # Pillow's HSV writes 255, not 256, for a full turn: steps of 1.4 degrees (OpenCV: 180 steps of 2)


def saturate(levels):
    """Round to the nearest of 0 ... 255; what lies beyond becomes 0 or 255."""
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def distort(image, brightness=0.0, contrast=1.0, saturation=1.0, hue=0.0, contrast_last=False, hue_wraps=False):
    """Change the colors of an image (H, W, 3) uint8 by given amounts and return a new one of the same shape.

    - brightness is added to red, green and blue, before all other changes.
    - contrast multiplies them about 0, so that it changes the brightness too; it comes next, or last (contrast_last).
    - saturation multiplies the S of HSV.
    - hue turns its H by so many degrees.
    - hue_wraps: what is turned below 0 degrees comes back below 360, as an angle does. Caffe adds to OpenCV's uint8,
      so that the sum stops at 0, and reds and oranges all become the same pure red. Beyond 360 it wraps in Caffe too.
    """
    pixels = Image.fromarray(check_image(image))
    levels = saturate(LEVELS + brightness)
    if not contrast_last:
        levels = saturate(levels * contrast)
    pixels = _look_up(pixels, levels, levels, levels)
    if saturation != 1 or hue != 0:
        # Saturation and hue are neighbors in both orders: one way to HSV and back serves both.
        turned = LEVELS + round(hue / 360 * TURN)
        turned = (turned if hue_wraps else np.maximum(turned, 0)) % TURN
        pixels = _look_up(pixels.convert("HSV"), turned, saturate(LEVELS * saturation), LEVELS).convert("RGB")
    if contrast_last:
        pixels = _look_up(pixels, *[saturate(LEVELS * contrast)] * 3)
    return np.array(pixels)


def _look_up(pixels, *tables):
    return pixels.point(np.concatenate(tables).tolist())  # Pillow wants Python's own numbers


def random_amounts(rng, probability=0.5, max_brightness=32.0, contrast=(0.5, 1.5), saturation=(0.5, 1.5), max_hue=36.0):
    """Choose which changes to make, each with the given probability, and by how much: the arguments of ``distort``.

    A coin decides whether contrast comes before or after saturation and hue. Caffe: distort_param of ssd_pascal.py,
    where hue_delta 18 counts OpenCV's steps of 2 degrees and therefore means 36 degrees.
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
    return {**amounts, "contrast_last": bool(rng.random() < 0.5)}


def photometric_distort(image, rng, probability=0.5, *, hue_wraps=False, shuffle_probability=0.0):
    """Change brightness, contrast, saturation and hue at random, each with the given probability.

    image (H, W, 3) uint8, left as it is; returns a new one. hue_wraps: see ``distort``. shuffle_probability: of
    exchanging red, green and blue at the end. It is 0 in Caffe's recipe and 1/2 in several ports.
    """
    image = distort(image, **random_amounts(rng, probability), hue_wraps=hue_wraps)
    if shuffle_probability and rng.random() < shuffle_probability:
        image = np.ascontiguousarray(image[:, :, rng.permutation(3)])
    return image


# ----------------------------------------------------------------------------------------------------------------------


def draw_photometric(ax, image):
    """Draw the range of each of the four changes, one row each, from its smallest to its largest amount."""
    height, width = image.shape[:2]
    gap = height // 5
    full = Image.new("L", (width, height), 255)
    hues = Image.fromarray(np.tile(np.linspace(0, TURN - 1, width).astype(np.uint8), (height, 1)))
    wheel = np.asarray(Image.merge("HSV", (hues, full, full)).convert("RGB"))
    rows = [
        ("brightness", image, (-32, -16, 0, 16, 32)),
        ("contrast", image, (0.5, 0.75, 1, 1.25, 1.5)),
        ("saturation", image, (0.5, 0.75, 1, 1.25, 1.5)),
        ("hue", image, (-36, -18, 0, 18, 36)),
        ("hue", wheel, (-36, -18, 0, 18, 36)),
    ]
    for row, (name, shown, amounts) in enumerate(rows):
        top = row * (height + gap)
        labels = ("stops at red\n(Caffe)", "wraps") if shown is wheel else (name,)
        for part, label in enumerate(labels):
            middle = top + height * (part + 0.5) / len(labels)
            ax.text(-gap / 2, middle, label, ha="right", va="center", fontsize=11 if len(labels) == 1 else 9)
        for column, amount in enumerate(amounts):
            left = column * (width + gap // 4)
            changed = distort(shown, **{name: amount})
            if shown is wheel:  # its lower half wraps
                changed[height // 2 :] = distort(wheel[height // 2 :], hue=amount, hue_wraps=True)
            ax.imshow(changed, extent=(left, left + width, top + height, top))
            text = {"brightness": f"{amount:+}", "hue": f"{amount:+}°"}.get(name, f"× {amount}")
            text = "as it was" if column == 2 else text
            ax.text(left + width / 2, top + height * 1.02, text, ha="center", va="top", fontsize=9)
    ax.set_xlim(-0.75 * width, left + width)
    ax.set_ylim(top + height * 1.12, 0)
    ax.axis("off")
    ax.set_title("Colors vary, boxes stay: each change is made with probability ½,\nby an amount drawn from its row")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.photometric")
