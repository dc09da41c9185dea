"""The matrix product c = a @ b, a block of registers at a time: where nearly all arithmetic of the network happens.

A block of 8 rows and 2 vectors of c stays in 16 registers while k runs over the common axis; each step loads 2 vectors
of b, spreads 8 numbers of a, and does 16 multiply-adds. So a multiply-add costs 10 / 16 of a load, where the plain
loop needs 2 loads and a store.
b lies in panels, 2 vectors wide, so that the loop reads it from front to back (``panels`` makes that of a matrix).
The product is right for any number of rows, also for few, where BLAS first spends its time on copying b.
"""

from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.vectors import load, store

ROWS = 8 if vectors.MANY_REGISTERS else 4  # 16 sums, 2 vectors of b and some numbers of a; or 8 and 2 of 16 registers


def _block(rows, width):
    """Write out the product for ``rows`` rows and ``width`` vectors of c, every sum a variable, and compile it."""
    # Each needs a name of its own: kept on disk, two that are called alike could be taken for each other.
    name = f"block_{rows}_{width}"
    sums = [(i, j) for i in range(rows) for j in range(width)]
    lines = [
        f"def {name}(a, at, row, step, b, b_at, b_step, c, c_at, c_row, steps, add, lanes):",
        *(f"    a{i} = at + {i} * row" for i in range(rows)),
        *(f"    s{i}{j} = load(c, c_at + {i} * c_row + {j} * lanes) if add else zero(c)" for i, j in sums),
        "    for k in range(steps):",
        *(f"        b{j} = load(b, b_at + k * b_step + {j} * lanes)" for j in range(width)),
    ]
    for i in range(rows):
        lines += [f"        x = splat(a, a{i} + k * step)"]
        lines += [f"        s{i}{j} = multiply_add(x, b{j}, s{i}{j})" for j in range(width)]
    lines += [f"    store(c, c_at + {i} * c_row + {j} * lanes, s{i}{j})" for i, j in sums]
    names = dict(vars(vectors))
    exec("\n".join(lines), names)
    return inner(names[name])


_many_2, _four_2, _one_2 = (_block(rows, 2) for rows in (ROWS, 4, 1))
_many_1, _four_1, _one_1 = (_block(rows, 1) for rows in (ROWS, 4, 1))


@inner
def multiply(a, at, row, step, rows, b, b_at, c, c_at, c_row, c_panel, columns, steps, add):
    """Make c = a @ b, or c += a @ b.

    a, b, c are 1-D arrays, in which the matrices begin at ``at``, ``b_at`` and ``c_at``. Row i, column k of a lies at
    at + i row + k step; b is in panels; row i of panel p of c begins at c_at + p c_panel + i c_row (c_panel = 2 vectors
    for a plain matrix). columns is a multiple of a vector. add: 0 or 1. Write np.int64(1) for a number that is
    always the same: for the constant 1 Numba would compile a version of its own.
    """
    lanes = vectors.REGISTER_BYTES // a.itemsize
    for first in range(0, columns, 2 * lanes):
        panel, target = b_at + first * steps, c_at + first // (2 * lanes) * c_panel
        if first + lanes < columns:
            i, width = 0, 2 * lanes
            while i + ROWS <= rows:
                _many_2(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += ROWS
            if i + 4 <= rows:
                _four_2(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += 4
            while i < rows:
                _one_2(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += 1
        else:
            i, width = 0, lanes
            while i + ROWS <= rows:
                _many_1(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += ROWS
            if i + 4 <= rows:
                _four_1(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += 4
            while i < rows:
                _one_1(a, at + i * row, row, step, b, panel, width, c, target + i * c_row, c_row, steps, add, lanes)
                i += 1


def padded(columns, dtype):
    """Return the number of columns rounded up to whole vectors."""
    lanes = vectors.lanes(dtype)
    return -(-columns // lanes) * lanes


@njit
def panels(matrix, out):
    """Copy a matrix (steps, columns) into panels (steps * padded columns,), filled up with zeros."""
    steps, columns = matrix.shape
    flat = matrix.reshape(-1)
    lanes = vectors.REGISTER_BYTES // matrix.itemsize
    whole = (columns + lanes - 1) // lanes * lanes
    for first in range(0, whole, 2 * lanes):
        width = min(2 * lanes, whole - first)
        panel, inside = first * steps, min(width, columns - first)
        for start in range(0, width, lanes):
            if start + lanes <= inside:
                for k in range(steps):
                    store(out, panel + k * width + start, load(flat, k * columns + first + start))
            else:
                for k in range(steps):
                    for j in range(start, start + lanes):
                        out[panel + k * width + j] = matrix[k, first + j] if j < inside else 0
