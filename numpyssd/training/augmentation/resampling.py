"""Reading a view of an image at the network's size, by one of five interpolations (Caffe: resize_param).

One of the five is drawn for each training sample, so that the network does not learn the traces of one of them.
"""

import numpy as np
from PIL import Image

from numpyssd.drawing import draw_strips
from numpyssd.images.interpolation import resize_like_opencv
from numpyssd.images.resize import average

# Caffe's five: INTER_LINEAR, INTER_AREA, INTER_NEAREST, INTER_CUBIC and INTER_LANCZOS4.
INTERPOLATIONS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BOX,  # averages areas
    Image.Resampling.NEAREST,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


def resample(image, view, size, interpolation, resize="average", before=None):
    """Return what a view (4,) sees of the image (H, W, 3), (h, w, 3) uint8, and its rows and columns among size x size.

    The rows and columns are slices: all of them unless the view reaches beyond the image. There, a pixel belongs to
    the image if its center does, and the part shown is stretched to whole pixels, by less than half a pixel. before: a
    function of the pixels under the view, (h', w', 3) uint8, called before they are resampled, if there are any.

    resize, as in the config: "average" is Pillow's rule, which averages all that a pixel covers when it shrinks;
    "opencv" is Caffe's, which only averages with INTER_AREA ("float" is the same here).
    """
    top, bottom, y1, y2 = _visible(view[1], view[3], image.shape[0], size)
    left, right, x1, x2 = _visible(view[0], view[2], image.shape[1], size)
    rows, columns = slice(top, bottom), slice(left, right)
    if top >= bottom or left >= right:
        return np.empty((bottom - top, right - left, 3), np.uint8), rows, columns
    # Only the pixels under the view are handed on: a crop must not see its neighbors, and copying costs time.
    x0, y0 = int(x1), int(y1)
    part = image[y0 : int(np.ceil(y2)), x0 : int(np.ceil(x2))]
    part = before(part) if before else part
    box = (x1 - x0, y1 - y0, x2 - x0, y2 - y0)
    if resize != "average":
        return resize_like_opencv(part, box, right - left, bottom - top, interpolation), rows, columns
    return average(part, box, right - left, bottom - top, interpolation), rows, columns


def _visible(start, stop, length, size):
    """Cut [start, stop) into ``size`` pixels: which have their center on [0, length), and the part they show of it."""
    step = (stop - start) / size
    first, last = np.clip(np.ceil((np.array([0.0, length]) - start) / step - 0.5), 0, size).astype(int).tolist()
    return first, max(first, last), max(start + first * step, 0.0), min(start + last * step, float(length))


# ----------------------------------------------------------------------------------------------------------------------


def draw_resampling(ax, image, size=48):
    """Draw the five interpolations when they shrink an image, averaging and as OpenCV does, and when they enlarge."""
    height, width = image.shape[:2]
    views = {
        "Shrinking, all that a pixel covers is averaged": (np.array([0.0, 0, width, height]), "average"),
        "Shrinking as OpenCV: only AREA averages": (np.array([0.0, 0, width, height]), "opencv"),
        "Enlarging, as OpenCV": (np.array([0.74, 0.16, 0.78, 0.2]) * [width, height, width, height], "opencv"),
    }
    names = ("LINEAR", "AREA", "NEAREST", "CUBIC", "LANCZOS4")
    strips = []
    for heading, (view, rule) in views.items():
        samples = [resample(image, view, size, interpolation, rule)[0] for interpolation in INTERPOLATIONS]
        strips.append((heading, [(name, sample, []) for name, sample in zip(names, samples)]))
    draw_strips(ax, strips)
    ax.set_title("One of five interpolations is drawn for each sample")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.resampling")
