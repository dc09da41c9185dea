"""Default boxes of every preset, and of the rules in which other implementations differ."""

import math

from tests.golden.cases.common import case
from tests.golden.rules.default_boxes import default_boxes

STEPS_300 = ((38, 8), (19, 16), (10, 32), (5, 64), (3, 100), (1, 300))
STEPS_512 = ((64, 8), (32, 16), (16, 32), (8, 64), (4, 128), (2, 256), (1, 512))
RATIOS_300 = ((2,), (2, 3), (2, 3), (2, 3), (2,), (2,))
RATIOS_512 = ((2,), (2, 3), (2, 3), (2, 3), (2, 3), (2,), (2,))


def table(steps, scales, ratios):
    """Return one row for each feature map; the last scale belongs to no map, only to the last large square."""
    rows = zip(steps, scales, scales[1:], ratios)
    return [
        {"size": size, "step": step, "scale_px": scale, "next_scale_px": following, "aspect_ratios": list(ratio)}
        for (size, step), scale, following, ratio in rows
    ]


SSD300 = 300, table(STEPS_300, (30, 60, 111, 162, 213, 264, 315), RATIOS_300)
SSD300_COCO = 300, table(STEPS_300, (21, 45, 99, 153, 207, 261, 315), RATIOS_300)
SSD512 = 512, table(STEPS_512, (35.84, 76.8, 153.6, 230.4, 307.2, 384.0, 460.8, 537.6), RATIOS_512)
SSD512_COCO = 512, table(STEPS_512, (20.48, 51.2, 133.12, 215.04, 296.96, 378.88, 460.8, 542.72), RATIOS_512)
TINY = 64, table(((16, 4), (8, 8), (6, 64 / 6), (4, 16), (2, 32)), (8, 14, 24, 36, 48, 60), ((1.6,),) * 5)
# The paper's text for SSD300: equation 4 for five maps from 0.2 to 0.9, with conv4_3 at 0.1 (section 3.1), kept as
# fractions of a pixel; the last large square follows the same step.
PAPER_300 = 300, table(STEPS_300, (30, 60, 112.5, 165, 217.5, 270, 322.5), RATIOS_300)

FACTOR = 3072  # leaves every value 0.004 or more from a half, ten times what float32 may be off
MODULUS = 2**31 - 1


def checksum(boxes):
    """Return h after h = (31 h + q) mod (2^31 - 1) over all values in order, with q = floor(3072 value + 1/2)."""
    h = 0
    for box in boxes:
        for value in box:
            scaled = FACTOR * value
            if abs(scaled - math.floor(scaled) - 0.5) < 0.004:
                raise AssertionError(f"{value} is too near a half for float32 to round it the same way")
            h = (31 * h + math.floor(scaled + 0.5)) % MODULUS
    return h


def shown(maps):
    """Return the rows to show of each map: a cell's boxes, the ends of its first two rows of cells, and its end."""
    rows, first = [], 0
    for m in maps:
        in_cell = 2 + 2 * len(m["aspect_ratios"])
        in_row = in_cell * m["size"]
        end = first + in_row * m["size"]
        middle = first + (in_row + in_cell) * (m["size"] // 2)
        wanted = {
            *range(first, first + in_cell),
            first + in_row - 1,
            first + in_row,
            middle + 1,
            end - in_cell,
            end - 1,
        }
        rows += sorted(row for row in wanted if row < end)
        first = end
    return rows


def boxes_case(name, preset, why=None, **rules):
    """Return a case with some rows, the sums of the four columns, and the checksum of everything."""
    image_size, maps = preset
    inputs = {"image_size": image_size, "whole_pixels": True, "centre_rule": "step", "clip_mode": "none", **rules}
    boxes = default_boxes(maps=maps, **inputs)
    expected = {
        "count": len(boxes),
        "sums": [math.fsum(column) for column in zip(*boxes)],
        "checksum": checksum(boxes),
        "rows": shown(maps),
        "boxes": [boxes[row] for row in shown(maps)],
    }
    return case(name, {**inputs, "maps": maps}, expected, {"float32": 1e-7, "float64": 1e-12}, why)


def make():
    """Return what goes into default_boxes.json."""
    fractions = "what nearly every port has at 512: Caffe and mmdetection cut the scales to whole pixels"
    return {
        "what": "default boxes of whole networks: some rows, the sums of the columns, and a checksum of all values",
        "source": "Caffe prior_box_layer.cpp, ssd_pascal.py, ssd_coco.py; paper section 2.2",
        "units": "cxcywh in units of the image's side; order: map, row, column, box in the cell; scales in pixels",
        "checksum": "h = 0; for each value in order: h = (31 h + floor(3072 value + 1/2)) mod (2^31 - 1)",
        "cases": [
            boxes_case("ssd300", SSD300),
            boxes_case("ssd300_coco", SSD300_COCO),
            boxes_case("ssd512", SSD512),
            boxes_case("ssd512_coco", SSD512_COCO),
            boxes_case("tiny", TINY),
            boxes_case("compact", SSD300_COCO, "its default boxes are those of ssd300_coco"),
            boxes_case("ssd512, fractions of pixels", SSD512, fractions, whole_pixels=False),
            boxes_case("ssd512_coco, fractions of pixels", SSD512_COCO, fractions, whole_pixels=False),
            boxes_case("ssd300, centres of cells", SSD300, "the paper's (i + 0.5) / |f_k|", centre_rule="cell"),
            boxes_case("ssd300, clipped corners", SSD300, "what Caffe's own switch does", clip_mode="corners"),
            boxes_case("ssd300, clipped cxcywh", SSD300, "amdegroot, lufficc, qfgaohao", clip_mode="cxcywh"),
            boxes_case("ssd300_coco, clipped size", SSD300_COCO, "torchvision", clip_mode="size"),
            boxes_case(
                "ssd300, the paper's scales and centres",
                PAPER_300,
                "equation 4 as written",
                whole_pixels=False,
                centre_rule="cell",
            ),  # fmt: skip
        ],
    }
