"""What all files of cases share: how a case looks, and numbers that are irregular but short and exact."""

EXACT = {"float32": 0.0, "float64": 0.0}
USUAL = {"float32": 2e-6, "float64": 1e-12}


def case(name, inputs, expected, tolerance=USUAL, why=None):
    """Return one case; tolerance names the float types in which it holds. ``why`` says what it would catch."""
    return {
        "name": name,
        **({"why": why} if why else {}),
        "inputs": inputs,
        "expected": expected,
        "tolerance": tolerance,
    }


class Noise:
    """Irregular numbers, the same everywhere: a linear congruential generator (Numerical Recipes, 2nd edition)."""

    def __init__(self, seed):
        self.state = seed

    def whole(self, low, high):
        """Return a whole number from low to high, both included."""
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return low + (self.state >> 8) * (high - low + 1) // 2**24

    def fraction(self, low, high, unit):
        """Return a multiple of 1 / unit from low to high; with a power of two as the unit it is exact in float32."""
        return self.whole(low * unit, high * unit) / unit

    def array(self, shape, low=-2, high=2, unit=64):
        """Return nested lists of such fractions."""
        if not shape:
            return self.fraction(low, high, unit)
        return [self.array(shape[1:], low, high, unit) for _ in range(shape[0])]


def sixteenths(*boxes):
    """Return boxes xyxy given in sixteenths of the image's side, exact in every float type."""
    return [[value / 16 for value in box] for box in boxes]
