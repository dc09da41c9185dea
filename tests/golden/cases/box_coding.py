"""Encoding and decoding: typical boxes, large offsets, and what overflows float32."""

from tests.golden.cases.common import EXACT, Noise, case, sixteenths
from tests.golden.rules.box_coding import decode, encode
from tests.golden.rules.exact import single

RELATIVE = {"float32": 2e-6, "float64": 1e-12}


def encode_case(name, boxes, default, tolerance=RELATIVE, why=None):
    """Return a case of encoding, row by row."""
    offsets = [encode(*pair) for pair in zip(boxes, default)]
    return case(
        name, {"operation": "encode", "boxes": boxes, "default_boxes": default}, {"loc": offsets}, tolerance, why
    )


def decode_case(name, loc, default, tolerance=RELATIVE, why=None):
    """Return a case of decoding, row by row; one that holds in float32 only has what float32 makes of it."""
    boxes = [decode(*pair) for pair in zip(loc, default)]
    if "float64" not in tolerance:
        boxes = [[single(value) for value in box] for box in boxes]
    return case(name, {"operation": "decode", "loc": loc, "default_boxes": default}, {"boxes": boxes}, tolerance, why)


def make():
    """Return what goes into box_coding.json."""
    default = [0.5, 0.25, 0.25, 0.125]
    noise = Noise(3)
    pairs = [(noise.array((2,), 0, 1), noise.array((2,), 0, 1)) for _ in range(6)]
    boxes = [[x, y, x + noise.whole(4, 60) / 64, y + noise.whole(4, 60) / 64] for (x, y), _ in pairs]
    others = [[*centre, noise.whole(4, 60) / 64, noise.whole(4, 60) / 64] for _, centre in pairs]
    return {
        "what": "offsets from default boxes to boxes, and back",
        "source": "paper equation 2; Caffe EncodeBBox and DecodeBBox in bbox_util.cpp, CENTER_SIZE",
        "units": "boxes xyxy, default_boxes cxcywh, one unit; loc = (dx / 0.1, dy / 0.1, log w / 0.2, log h / 0.2)",
        "cases": [
            encode_case("the default box itself", [[0.375, 0.1875, 0.625, 0.3125]], [default], EXACT),
            encode_case("one step to the right, twice as wide", sixteenths((8, 3, 16, 5)), [default],
                        why="dx = 1 / 0.1, dw = log 2 / 0.2: not swapped, variances not forgotten"),
            encode_case("one step down, half as high", sixteenths((6, 5.5, 10, 6.5)), [default]),
            encode_case("a large object from a small default box", [[0.0, 0.0, 1.0, 1.0]],
                        [[1 / 64, 63 / 64, 1 / 64, 1 / 32]], why="offsets of more than 300"),
            encode_case("a small object from a large default box", [[0.0, 0.0, 1 / 256, 1 / 128]],
                        [[0.5, 0.5, 1.0, 1.0]]),
            encode_case("irregular boxes", boxes, others),
            encode_case("no boxes", [], [], EXACT),
            decode_case("zero offsets", [[0.0] * 4], [default], EXACT),
            decode_case("irregular offsets", noise.array((6, 4), -4, 4), others),
            decode_case("out of the image, and not clipped", [[40.0, -40.0, 5.0, 5.0]], [default],
                        why="clipping comes after non-maximum suppression"),
            decode_case("a size of e^8 default boxes", [[0.0, 0.0, 40.0, 35.0]], [default],
                        why="there is no limit; torchvision has one at log(1000 / 16) = 4.135"),
            decode_case("large and still finite in float32", [[1e6, -1e6, 100.0, -100.0]], [default],
                        {"float32": 2e-5, "float64": 1e-12}),
            decode_case("beyond float32", [[0.0, 0.0, 500.0, -600.0]], [default], {"float32": 2e-6},
                        "a box from -Infinity to Infinity, and never NaN"),
            decode_case("no offsets", [], [], EXACT),
        ],
    }  # fmt: skip
