"""The fast convolution beside the plain loops, on shapes that leave something over on every side."""

from pathlib import Path

import numpy as np
import pytest

from tests.browser_network.node import JavaScriptError

HELPER = Path(__file__).with_name("convolutions.mjs")
PLAIN = {"stride": 1, "padding": 1, "dilation": 1, "relu": True}


def shape(height, width, channels_in, channels, kernel, **geometry):
    sides = {"height": height, "width": width, "channels_in": channels_in, "channels": channels}
    return {**sides, "kernel": [kernel, kernel], **PLAIN, **geometry}


SHAPES = {
    "the first layer": shape(13, 17, 3, 16, 3),
    "one pixel": shape(1, 1, 8, 16, 3),
    "narrower than a block": shape(5, 3, 4, 8, 3),
    "fewer channels than a panel": shape(6, 7, 2, 3, 3),
    "a panel and a half": shape(4, 5, 7, 12, 3),
    "one channel": shape(9, 9, 1, 1, 3),
    "1 x 1": shape(3, 11, 5, 9, 1, padding=0),
    "1 x 1 of one pixel": shape(1, 1, 16, 24, 1, padding=0),
    "1 x 1, padded": shape(3, 3, 2, 4, 1),
    "1 x 1, every second pixel": shape(7, 5, 3, 4, 1, padding=0, stride=2),
    "stride 2": shape(10, 9, 6, 10, 3, stride=2),
    "no padding": shape(6, 6, 8, 8, 3, padding=0, relu=False),
    "dilation 6": shape(19, 19, 4, 6, 3, padding=6, dilation=6),
    "dilation 2 and stride 2": shape(12, 11, 3, 5, 3, padding=2, dilation=2, stride=2),
    "4 x 4 to one cell": shape(2, 2, 8, 17, 4),
    "4 x 4": shape(7, 6, 3, 21, 4, padding=2),
    "3 rows and 2 columns": shape(5, 8, 4, 6, 3) | {"kernel": [3, 2]},
    "stride 3 beyond the kernel": shape(11, 10, 5, 7, 2, stride=3, padding=0),
}


@pytest.mark.parametrize("kind", ["fast", "plain"])
@pytest.mark.parametrize("name", SHAPES)
def test_is_the_same_as_in_plain_loops(node, name, kind):
    assert node.call(HELPER, "difference", SHAPES[name], kind, len(name)) < 1e-6


@pytest.mark.parametrize("kind", ["fast", "plain"])
def test_is_the_same_on_random_shapes(node, kind):
    rng = np.random.default_rng(0)
    tried = 0
    while tried < 60:
        kernel, dilation = int(rng.integers(1, 5)), int(rng.integers(1, 4))
        height, width, channels_in, channels = rng.integers(1, [12, 14, 10, 20]).tolist()
        geometry = {"dilation": dilation, "stride": int(rng.integers(1, 4)), "padding": int(rng.integers(0, 4))}
        if min(height, width) + 2 * geometry["padding"] <= dilation * (kernel - 1):
            continue  # smaller than the window
        one = shape(height, width, channels_in, channels, kernel, relu=bool(rng.integers(2)), **geometry)
        try:
            assert node.call(HELPER, "difference", one, kind, tried) < 1e-6, one
        except JavaScriptError as reason:
            raise AssertionError(f"{reason}: {one}") from None
        tried += 1


def test_webassembly_is_used_where_there_is_simd(node):
    assert node.call(HELPER, "uses_webassembly")
