"""Check a gradient along a random direction: two evaluations test every entry at once."""


def directional_error(function, arrays, gradients, rng, step=1e-6):
    """Return the relative gap between a central difference of ``function(*arrays)`` and what the gradients predict.

    function returns a scalar; arrays and gradients are lists of float64 arrays of equal shapes. The direction is
    normal noise in every array at once, so an error in any single entry of any gradient shows up.
    """
    directions = [rng.standard_normal(a.shape) for a in arrays]
    plus = function(*[a + step * d for a, d in zip(arrays, directions)])
    minus = function(*[a - step * d for a, d in zip(arrays, directions)])
    numeric = (plus - minus) / (2 * step)
    analytic = sum(float((g * d).sum()) for g, d in zip(gradients, directions))
    return abs(numeric - analytic) / max(abs(numeric), abs(analytic), 1e-12)


def assert_gradient(function, arrays, gradients, rng, tolerance=1e-6, step=1e-6):
    """Fail, showing the gap, unless the gradients predict the change of ``function`` along three random directions."""
    for gradient, array in zip(gradients, arrays):
        assert gradient.shape == array.shape
    for _ in range(3):
        error = directional_error(function, arrays, gradients, rng, step)
        assert error < tolerance, f"relative error {error:.2e} of the directional derivative"
