"""Winograd's minimal filtering F(4x4, 3x3): 36 products give 16 outputs of a 3x3 convolution, which take 144 otherwise.

    U = G @ g @ G.T                    # g (3, 3): the kernel                        -> (6, 6)
    V = B @ d @ B.T                    # d (6, 6): the pixels under a tile           -> (6, 6)
    Y = A.T @ (U * V) @ A              # value by value                              -> (4, 4) outputs

A convolution multiplies two polynomials. Two polynomials can also be multiplied by their values: evaluate both at
enough points, multiply value by value, interpolate. In one dimension, 4 outputs of a kernel of 3 need 4 + 3 - 1 = 6
points, near 1, because high powers lose digits. In two dimensions the columns are transformed, then the rows.

Summed over the input channels, each of the 36 values is a matrix product over tiles; see winograd_forward.py. The
transforms below are a dozen operations each: the points come in pairs p, -p, whose even powers agree and whose odd
powers differ in sign. (Winograd 1980; Lavin, Gray: Fast Algorithms for Convolutional Neural Networks, CVPR 2016.)
"""

from fractions import Fraction

from numpyssd.kernels.cpu.runtime.jit import inner
from numpyssd.kernels.cpu.runtime.vectors import multiply_add

TILE, KERNEL = 4, 3
PATCH = TILE + KERNEL - 1  # 6 rows and columns of input
VALUES = PATCH * PATCH
# And infinity. With 0, 1, -1, 2, -2, as in the paper, the rounding error of every sum would be twice as large.
POINTS = (Fraction(0), Fraction(5, 8), Fraction(-5, 8), Fraction(3, 2), Fraction(-3, 2))


def cook_toom(outputs, kernel, points):
    """Return A (points, outputs), G (points, kernel) and B^T (points, points) in Fractions.

    - outputs, kernel: how many outputs there are, and how many entries the kernel has.
    - points: outputs + kernel - 2 different numbers. The last point is infinity, which is not named: the value there is
      the leading coefficient.

    The values of a polynomial at the points are a Vandermonde matrix times its coefficients (A and G). Lagrange's
    polynomials (B) give the coefficients back; here they have no denominators, and G is divided by these instead.
    """
    points = [Fraction(p) for p in points]
    count = len(points) + 1
    powers = [[p**k for k in range(count)] for p in points]
    at_infinity = [[Fraction(k == length - 1) for k in range(length)] for length in (outputs, kernel)]
    a = [row[:outputs] for row in powers] + [at_infinity[0]]
    g, b = [], []
    for j, p in enumerate(points):
        others = [q for q in points if q != p]
        polynomial, scale = [Fraction(1)], Fraction(1)
        for q in others:  # times (x - q)
            polynomial = [low - q * high for low, high in zip([0, *polynomial], [*polynomial, 0])]
            scale *= p - q
        b.append([*polynomial, Fraction(0)])
        g.append([value / scale for value in powers[j][:kernel]])
    polynomial = [Fraction(1)]
    for q in points:
        polynomial = [low - q * high for low, high in zip([0, *polynomial], [*polynomial, 0])]
    return a, [*g, at_infinity[1]], [*b, polynomial]


def _numbers(matrix):
    return tuple(tuple(float(value) for value in row) for row in matrix)


# Each has a row for each point. B is the B^T of the literature.
A, G, B = (_numbers(matrix) for matrix in cook_toom(TILE, KERNEL, POINTS))


@inner
def input_transform(d0, d1, d2, d3, d4, d5):
    """Return B d: 6 values from 6 pixels. The factors of d4 and d5 are 1 where they stand alone."""
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
    """Return G g: 6 values from the 3 entries of a kernel."""
    near, near_odd = multiply_add(G[1][0], g0, G[1][2] * g2), G[1][1] * g1
    far, far_odd = multiply_add(G[3][0], g0, G[3][2] * g2), G[3][1] * g1
    return G[0][0] * g0, near + near_odd, near - near_odd, far + far_odd, far - far_odd, g2


@inner
def weight_gradient_transform(u0, u1, u2, u3, u4, u5):
    """Return G^T u, the transpose of ``weight_transform``: 3 gradients from 6."""
    near, near_odd = u1 + u2, G[1][1] * (u1 - u2)
    far, far_odd = u3 + u4, u3 - u4
    first = multiply_add(G[0][0], u0, multiply_add(G[1][0], near, G[3][0] * far))
    last = multiply_add(G[1][2], near, multiply_add(G[3][2], far, u5))
    return first, multiply_add(G[3][1], far_odd, near_odd), last
