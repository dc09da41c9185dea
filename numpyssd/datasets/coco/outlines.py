"""The box around an outline, for annotations that have a ``segmentation`` and no ``bbox``.

A segmentation is a list of polygons [x1, y1, x2, y2, ...] or a mask in run lengths, ``{"counts": ..., "size": [height,
width]}``: column by column, the number of pixels outside, inside, outside, ... COCO's own tools also write the counts
as a text, five bits a letter (rleToString in github.com/cocodataset/cocoapi, common/maskApi.c).
"""

import numpy as np

from numpyssd.json_files import is_number


def outline_box(segmentation) -> list[float] | None:
    """Return the box [x, y, width, height] around a segmentation in pixels, or None if it is empty or none."""
    if isinstance(segmentation, dict):
        return _mask_box(segmentation)
    if not isinstance(segmentation, list) or not segmentation:
        return None
    numbers = []
    for part in segmentation if isinstance(segmentation[0], list) else [segmentation]:
        if not isinstance(part, list):
            return None
        points = [value for point in part for value in (point if isinstance(point, list) else [point])]
        if len(points) % 2 or not all(map(is_number, points)):
            return None
        numbers += points
    if not numbers:
        return None
    x, y = numbers[::2], numbers[1::2]
    return [min(x), min(y), max(x) - min(x), max(y) - min(y)]


def _mask_box(mask):
    """Return the box of a mask in run lengths, as pycocotools' toBbox does, or None."""
    counts, size = mask.get("counts"), mask.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(_is_count(side) and side > 0 for side in size):
        return None
    counts = _unpacked(counts) if isinstance(counts, str) else counts
    if not isinstance(counts, list) or not all(_is_count(count) for count in counts):
        return None
    height, width = size
    ends = np.cumsum(counts, dtype=np.float64)
    if len(ends) == 0 or ends[-1] > height * width:
        return None
    ends = ends.astype(np.int64)
    start, stop = ends[0::2][: len(ends[1::2])], ends[1::2]  # of each run inside
    start, stop = start[stop > start], stop[stop > start]
    if len(start) == 0:
        return None
    left, right = start // height, (stop - 1) // height
    whole = right > left  # a run that goes on in the next column reaches the lower edge and the upper one
    top, bottom = np.where(whole, 0, start % height), np.where(whole, height - 1, (stop - 1) % height)
    x, y = int(left.min()), int(top.min())
    return [x, y, int(right.max()) - x + 1, int(bottom.max()) - y + 1]


def _unpacked(text):
    """Return the counts that a text packs, or None: each is the difference from the last but one, after the third."""
    counts, value, shift = [], 0, 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or shift > 30:
            return None
        value |= (code & 31) << shift
        shift += 5
        if code & 32:  # more letters follow
            continue
        if code & 16:  # the highest bit is the sign
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value, shift = 0, 0
    return None if shift else counts


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31
