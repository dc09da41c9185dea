"""Random numbers for the built-in set, by arithmetic that gives the same bits on every machine.

``random`` is a np.random.RandomState everywhere, whose stream NumPy has promised not to change.
"""

from math import sqrt


def between(random, low, high):
    """Return a random number from low to high."""
    return low + (high - low) * random.random_sample()


def whole(random, count):
    """Return a random whole number from 0 to count - 1."""
    return int(count * random.random_sample())


def direction(random):
    """Return (cos, sin) of an angle drawn evenly: a point drawn evenly in a disc, moved to the circle."""
    while True:
        x, y = between(random, -1.0, 1.0), between(random, -1.0, 1.0)
        length2 = x * x + y * y
        if 0.01 < length2 <= 1.0:
            return x / sqrt(length2), y / sqrt(length2)


def tilt(random):
    """Return (cos, sin) of an angle of at most 30 degrees either way: a triangle still stands on its base."""
    slope = between(random, -0.577, 0.577)  # the tangent of 30 degrees
    length = sqrt(1.0 + slope * slope)
    return 1.0 / length, slope / length


def log_uniform(random, low, high):
    """Return a random number from low to high, each factor as likely as any other of its size, in 1024 steps.

    The logarithm's binary digits are drawn one at a time: the k-th multiplies by the 2^k-th root of high / low.
    """
    value, root = low, high / low
    for _ in range(10):
        root = sqrt(root)
        if random.random_sample() < 0.5:
            value *= root
    return value
