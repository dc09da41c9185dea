"""exp, log and cos of a float, correctly rounded: the same last digit on every machine.

The C libraries of different machines differ there, and the golden files have to come out the same to the byte. All
other arithmetic of the rules is +, -, x, / and the square root, whose rounding IEEE 754 fixes, and math.fsum.
"""

import math
import struct
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

DIGITS = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN)  # far more than the 17 of a float
PI = Decimal("3.1415926535897932384626433832795028841971693993751058209749445923")


def exp(x):
    """Return e to the power of x."""
    return math.inf if x == math.inf else float(DIGITS.exp(Decimal(x)))


def log(x):
    """Return the natural logarithm of x > 0."""
    return float(DIGITS.ln(Decimal(x)))


def cos_pi(x):
    """Return the cosine of pi x, for 0 <= x <= 1, by its power series."""
    square = DIGITS.power(DIGITS.multiply(PI, Decimal(x)), 2)
    term = total = Decimal(1)
    for k in range(1, 40):
        term = DIGITS.divide(DIGITS.multiply(term, -square), Decimal(2 * k * (2 * k - 1)))
        total = DIGITS.add(total, term)
    return float(total)


def single(x):
    """Return x rounded to float32, as a Python float; beyond its range infinity."""
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)
