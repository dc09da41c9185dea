"""Winograd's minimal filtering F(4x4, 3x3): 36 products give 16 outputs of a 3x3 convolution, which take 144 otherwise.

A convolution multiplies two polynomials. Two polynomials can also be multiplied by their values: evaluate both at
enough points, multiply value by value, interpolate. In one dimension, 4 outputs of 3 taps need 4 + 3 - 1 = 6 points,
near 1, because high powers lose digits. In two dimensions rows, then columns:

    Y = A^T [(G g G^T) * (B^T d B)] A        d: 6x6 pixels, g: 3x3 taps, Y: 4x4 outputs, * value by value

Summed over the input channels, each of the 36 values is a matrix product over tiles; see winograd_forward.py. G g G^T
is made once for all pictures; B^T and A^T are a dozen operations a vector, because the points come in pairs p, -p,
whose even powers agree and whose odd powers differ in sign.
(Winograd 1980; Lavin, Gray: Fast Algorithms for Convolutional Neural Networks, CVPR 2016.)
"""

from fractions import Fraction

from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.vectors import load, multiply_add, store

TILE, TAPS = 4, 3
PATCH = TILE + TAPS - 1  # 6 rows and columns of input
# And infinity. With 0, 1, -1, 2, -2, as in the paper, every sum would be off by twice as much.
POINTS = (Fraction(0), Fraction(5, 8), Fraction(-5, 8), Fraction(3, 2), Fraction(-3, 2))


def cook_toom(outputs, taps, points):
    """Return A (points, outputs), G (points, taps) and B^T (points, points) in Fractions, for ``outputs`` of ``taps``.

    points: outputs + taps - 2 different numbers; the last point, infinity, is not named: the leading coefficient.
    The values of a polynomial at the points are a Vandermonde matrix times its coefficients (A and G); what brings the
    values back is Lagrange's polynomials (B), here without their denominators, by which G is divided.
    """
    points = [Fraction(p) for p in points]
    count = len(points) + 1
    powers = [[p**k for k in range(count)] for p in points]
    at_infinity = [[Fraction(k == length - 1) for k in range(length)] for length in (outputs, taps)]
    a = [row[:outputs] for row in powers] + [at_infinity[0]]
    g, b = [], []
    for j, p in enumerate(points):
        others = [q for q in points if q != p]
        polynomial, scale = [Fraction(1)], Fraction(1)
        for q in others:  # times (x - q)
            polynomial = [low - q * high for low, high in zip([0, *polynomial], [*polynomial, 0])]
            scale *= p - q
        b.append([*polynomial, Fraction(0)])
        g.append([value / scale for value in powers[j][:taps]])
    polynomial = [Fraction(1)]
    for q in points:
        polynomial = [low - q * high for low, high in zip([0, *polynomial], [*polynomial, 0])]
    return a, [*g, at_infinity[1]], [*b, polynomial]


def _numbers(matrix):
    return tuple(tuple(float(value) for value in row) for row in matrix)


# Each has a row for each point: A is what the formula calls A, B has the rows of B^T.
A, G, B = (_numbers(matrix) for matrix in cook_toom(TILE, TAPS, POINTS))


@inner
def input_transform(d0, d1, d2, d3, d4, d5):
    """Return B^T d; d4 and d5 stand first in it, with factor 1."""
    near = multiply_add(B[1][2], d2, d4), multiply_add(B[1][1], d1, B[1][3] * d3)  # even and odd powers of 5/8
    far = multiply_add(B[3][2], d2, d4), multiply_add(B[3][1], d1, B[3][3] * d3)  # of 3/2
    first = multiply_add(B[0][0], d0, multiply_add(B[0][2], d2, d4))
    last = multiply_add(B[5][1], d1, multiply_add(B[5][3], d3, d5))
    return first, near[0] + near[1], near[0] - near[1], far[0] + far[1], far[0] - far[1], last


@inner
def output_transform(m0, m1, m2, m3, m4, m5):
    """Return A^T m: 4 outputs from 6 values."""
    near, near_odd = m1 + m2, m1 - m2
    far, far_odd = m3 + m4, m3 - m4
    y1 = multiply_add(A[1][1], near_odd, A[3][1] * far_odd)
    y2 = multiply_add(A[1][2], near, A[3][2] * far)
    return m0 + near + far, y1, y2, multiply_add(A[1][3], near_odd, multiply_add(A[3][3], far_odd, m5))


@inner
def gradient_transform(y0, y1, y2, y3):
    """Return A y, the transpose of ``output_transform``: 6 values from 4 gradients."""
    near, near_odd = multiply_add(A[1][2], y2, y0), multiply_add(A[1][3], y3, A[1][1] * y1)
    far, far_odd = multiply_add(A[3][2], y2, y0), multiply_add(A[3][3], y3, A[3][1] * y1)
    return y0, near + near_odd, near - near_odd, far + far_odd, far - far_odd, y3


@inner
def weight_transform(g0, g1, g2):
    """Return G g: 6 values from 3 taps."""
    near, near_odd = multiply_add(G[1][0], g0, G[1][2] * g2), G[1][1] * g1
    far, far_odd = multiply_add(G[3][0], g0, G[3][2] * g2), G[3][1] * g1
    return G[0][0] * g0, near + near_odd, near - near_odd, far + far_odd, far - far_odd, g2


@inner
def weight_gradient_transform(u0, u1, u2, u3, u4, u5):
    """Return G^T u, the transpose of ``weight_transform``: the gradients of 3 taps from 6."""
    near, near_odd = u1 + u2, G[1][1] * (u1 - u2)
    far, far_odd = u3 + u4, u3 - u4
    first = multiply_add(G[0][0], u0, multiply_add(G[1][0], near, G[3][0] * far))
    last = multiply_add(G[1][2], near, multiply_add(G[3][2], far, u5))
    return first, multiply_add(G[3][1], far_odd, near_odd), last


@njit
def tiles_of(images, height, width, dilation):
    """Return how many tiles cover ``images`` outputs of height x width, and along each axis.

    With a dilation, every dilation-th row and column makes a picture of its own: ``dilation`` squared of them.
    """
    rows = (height + TILE * dilation - 1) // (TILE * dilation)
    columns = (width + TILE * dilation - 1) // (TILE * dilation)
    return images * dilation * dilation * rows * columns, rows, columns


@inner
def place_of(tile, rows, columns, dilation):
    """Return image, first row and first column of a tile's outputs."""
    image, rest = tile // (dilation * dilation * rows * columns), tile % (dilation * dilation * rows * columns)
    phase, rest = rest // (rows * columns), rest % (rows * columns)
    y = (rest // columns) * TILE * dilation + phase // dilation
    return image, y, (rest % columns) * TILE * dilation + phase % dilation


@inner
def load_3(source, at, step):
    """Return three vectors, ``step`` numbers apart."""
    return load(source, at), load(source, at + step), load(source, at + 2 * step)


@inner
def load_4(source, at, step):
    """Return four vectors, ``step`` numbers apart."""
    return load(source, at), load(source, at + step), load(source, at + 2 * step), load(source, at + 3 * step)


@inner
def load_6(source, at, step):
    """Return six vectors, ``step`` numbers apart."""
    return (
        load(source, at),
        load(source, at + step),
        load(source, at + 2 * step),
        load(source, at + 3 * step),
        load(source, at + 4 * step),
        load(source, at + 5 * step),
    )


@inner
def store_6(target, at, step, row):
    """Write six vectors, ``step`` numbers apart."""
    store(target, at, row[0])
    store(target, at + step, row[1])
    store(target, at + 2 * step, row[2])
    store(target, at + 3 * step, row[3])
    store(target, at + 4 * step, row[4])
    store(target, at + 5 * step, row[5])


@inner
def copy_patch(x, shape, image, top, left, dilation, side, patch, wide):
    """Copy side x side pixels into ``patch``, ``wide`` numbers for each, with zeros where there is nothing to copy."""
    height, width, channels = shape[1], shape[2], shape[3]
    for i in range(side):
        y = top + i * dilation
        for j in range(side):
            column = left + j * dilation
            target = patch[(i * side + j) * wide : (i * side + j + 1) * wide]
            if 0 <= y < height and 0 <= column < width:
                at = ((image * height + y) * width + column) * channels
                source = x[at : at + channels]
                for c in range(channels):
                    target[c] = source[c]
                target[channels:] = 0
            else:
                target[:] = 0
