"""Half of a float32, for the wire: sign, all 8 bits of the exponent, and 7 of the 23 bits of the fraction.

Between machines a gradient in bfloat16 takes half the time. It is added in float32, but rounded to 1 part in 256 twice:
the network is then not, bit for bit, that of one process.
"""

import numpy as np


def to_bfloat16(values: np.ndarray) -> np.ndarray:
    """Return float32 values (n,) as the upper halves of their bits, (n,) uint16, rounded to the nearest, ties to even.

    NaN stays NaN, and what is too large becomes infinite.
    """
    bits = values.view(np.uint32)
    upper = ((bits + (0x7FFF + ((bits >> 16) & 1)).astype(np.uint32)) >> 16).astype(np.uint16)
    upper[np.isnan(values)] = 0x7FC0  # whose bits may have been carried over into the sign
    return upper


def from_bfloat16(upper: np.ndarray) -> np.ndarray:
    """Return the float32 values (n,) whose bits have these upper halves, (n,) uint16."""
    return (upper.astype(np.uint32) << 16).view(np.float32)
